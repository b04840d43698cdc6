"""How a client library is driven: a line of JSON on standard input is a case, a line on standard output is what the client
made of it. A face is a way in which a library speaks: a function that has a function for each feature."""

import json
import sys
import traceback

WEATHER = "Tells the weather of a city"

WEATHER_SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "description": "Name of the city"}},
    "required": ["city"],
    "additionalProperties": False,
}

ANSWER_SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "degrees": {"type": "integer"}},
    "required": ["city", "degrees"],
    "additionalProperties": False,
}


def weather_in(city):
    """What the tool answers."""
    return f"{city}: 21 degrees"


def drive(faces):
    """Serves cases until standard input ends. `faces`: by name, from a case to its functions by feature."""
    for line in sys.stdin:
        case = json.loads(line)
        try:
            outcome = faces[case["face"]](case)[case["feature"]]()
        except Exception as error:  # whatever a library raises is what its user sees
            outcome = {
                "error": {
                    "name": type(error).__name__,
                    "status": getattr(error, "status_code", None),
                    "message": str(error),
                    "stack": traceback.format_exc(),
                }
            }
        sys.stdout.write(json.dumps(outcome) + "\n")
        sys.stdout.flush()
