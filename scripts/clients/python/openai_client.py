"""OpenAI's own library for Python: chat completions and responses."""

import json

from openai import OpenAI
from pydantic import BaseModel

from driver import WEATHER, WEATHER_SCHEMA, drive, weather_in


class Answer(BaseModel):
    city: str
    degrees: int


def chat(case):
    api = OpenAI(base_url=case["baseUrl"] + "/v1", api_key="sk-client").chat.completions
    history = [{"role": "system", "content": case["system"]}, {"role": "user", "content": case["prompt"]}]
    ask = {"model": case["model"], "messages": history}
    function = {"name": "get_weather", "description": WEATHER, "parameters": WEATHER_SCHEMA, "strict": True}

    def spoken(completion):
        choice, usage = completion.choices[0], completion.usage
        return {
            "text": choice.message.content,
            "finish": choice.finish_reason,
            "usage": {"input": usage.prompt_tokens, "output": usage.completion_tokens},
        }

    def streamed(**more):
        pieces = 0
        with api.stream(**ask, **more, stream_options={"include_usage": True}) as stream:
            for event in stream:
                pieces += event.type == "content.delta"
            return stream.get_final_completion(), pieces

    def stream():
        completion, pieces = streamed()
        return {**spoken(completion), "pieces": pieces}

    def loop(turn):
        called = []
        while True:
            message = turn(tools=[{"type": "function", "function": function}]).choices[0].message
            if not message.tool_calls:
                return {"text": message.content, "called": called}
            history.append(message.model_dump(exclude_none=True, exclude={"parsed": True}))
            for call in message.tool_calls:
                city = json.loads(call.function.arguments)["city"]
                called.append(city)
                history.append({"role": "tool", "tool_call_id": call.id, "content": weather_in(city)})

    def dialogue():
        history.append(api.create(**ask).choices[0].message.model_dump(exclude_none=True))
        history.append({"role": "user", "content": case["second"]})
        return spoken(api.create(**ask))

    def structured():
        message = api.parse(**ask, response_format=Answer).choices[0].message
        return {"object": message.parsed.model_dump()}

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


def responses(case):
    api = OpenAI(base_url=case["baseUrl"] + "/v1", api_key="sk-client").responses
    history = [{"role": "user", "content": case["prompt"]}]
    ask = {"model": case["model"], "instructions": case["system"], "input": history}
    tool = {
        "type": "function",
        "name": "get_weather",
        "description": WEATHER,
        "parameters": WEATHER_SCHEMA,
        "strict": True,
    }

    def spoken(response):
        usage = {"input": response.usage.input_tokens, "output": response.usage.output_tokens}
        return {"text": response.output_text, "finish": response.status, "usage": usage}

    def streamed(**more):
        pieces = 0
        with api.stream(**ask, **more) as stream:
            for event in stream:
                pieces += event.type == "response.output_text.delta"
            return stream.get_final_response(), pieces

    def stream():
        response, pieces = streamed()
        return {**spoken(response), "pieces": pieces}

    def loop(turn):
        called = []
        while True:
            response = turn(tools=[tool], store=False, include=["reasoning.encrypted_content"])
            calls = [item for item in response.output if item.type == "function_call"]
            if not calls:
                return {"text": response.output_text, "called": called}
            for item in response.output:
                history.append(item.model_dump(exclude_none=True, exclude={"parsed_arguments": True}))
            for call in calls:
                city = json.loads(call.arguments)["city"]
                called.append(city)
                result = {"type": "function_call_output", "call_id": call.call_id, "output": weather_in(city)}
                history.append(result)

    def dialogue():
        for item in api.create(**ask).output:
            history.append(item.model_dump(exclude_none=True))
        history.append({"role": "user", "content": case["second"]})
        return spoken(api.create(**ask))

    return {
        "plain": lambda: spoken(api.create(**ask)),
        "stream": stream,
        "tools": lambda: loop(lambda **more: api.create(**ask, **more)),
        "streamed tools": lambda: loop(lambda **more: streamed(**more)[0]),
        "dialogue": dialogue,
        "structured": lambda: {"object": api.parse(**ask, text_format=Answer).output_parsed.model_dump()},
        "error": lambda: api.create(**ask),
        "streamed error": lambda: streamed(),
    }


drive({"chat": chat, "responses": responses})
