"""Stands for systemd: prints each message to the notify socket that is named, a line of JSON each.

A name that begins with @ is one of the abstract namespace. Descriptors that come with a message (systemd-notify waits
until its own is closed) are closed at once.
"""
import json
import socket
import sys

name = sys.argv[1]
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind("\0" + name[1:] if name.startswith("@") else name)
print("listening", flush=True)
while True:
    message = server.recv(65536).decode()
    if not message.startswith("BARRIER="):
        print(json.dumps(message.split("\n")), flush=True)
