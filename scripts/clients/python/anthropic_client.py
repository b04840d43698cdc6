"""Anthropic's own library for Python."""

import json

from anthropic import Anthropic

from driver import ANSWER_SCHEMA, WEATHER, WEATHER_SCHEMA, drive, weather_in


def messages(case):
    api = Anthropic(base_url=case["baseUrl"], api_key="sk-client").messages
    history = [{"role": "user", "content": case["prompt"]}]
    ask = {"model": case["model"], "max_tokens": 1000, "system": case["system"], "messages": history}
    tool = {"name": "get_weather", "description": WEATHER, "input_schema": WEATHER_SCHEMA}

    def text_of(message):
        return "".join(block.text for block in message.content if block.type == "text")

    def spoken(message):
        usage = {"input": message.usage.input_tokens, "output": message.usage.output_tokens}
        return {"text": text_of(message), "finish": message.stop_reason, "usage": usage}

    def streamed(**more):
        with api.stream(**ask, **more) as stream:
            pieces = sum(1 for _ in stream.text_stream)
            return stream.get_final_message(), pieces

    def stream():
        message, pieces = streamed()
        return {**spoken(message), "pieces": pieces}

    def loop(turn):
        called = []
        while True:
            message = turn(tools=[tool])
            calls = [block for block in message.content if block.type == "tool_use"]
            if not calls:
                return {"text": text_of(message), "called": called}
            history.append({"role": "assistant", "content": message.content})
            results = []
            for call in calls:
                called.append(call.input["city"])
                content = weather_in(call.input["city"])
                results.append({"type": "tool_result", "tool_use_id": call.id, "content": content})
            history.append({"role": "user", "content": results})

    def dialogue():
        history.append({"role": "assistant", "content": api.create(**ask).content})
        history.append({"role": "user", "content": case["second"]})
        return spoken(api.create(**ask))

    def structured():
        output_config = {"format": {"type": "json_schema", "schema": ANSWER_SCHEMA}}
        return {"object": json.loads(text_of(api.create(**ask, output_config=output_config)))}

    return {
        "plain": lambda: spoken(api.create(**ask)),
        "stream": stream,
        "tools": lambda: loop(lambda **more: api.create(**ask, **more)),
        "streamed tools": lambda: loop(lambda **more: streamed(**more)[0]),
        "dialogue": dialogue,
        "structured": structured,
        "error": lambda: api.create(**ask),
        "streamed error": lambda: streamed(),
    }


drive({"messages": messages})
