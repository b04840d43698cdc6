"""LangChain's ChatOpenAI, on chat completions and on responses."""

from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from driver import WEATHER, drive, weather_in


class Answer(BaseModel):
    """An answer about the weather."""

    city: str
    degrees: int


def face(use_responses_api):
    def features(case):
        model = ChatOpenAI(
            base_url=case["baseUrl"] + "/v1",
            api_key="sk-client",
            model=case["model"],
            use_responses_api=use_responses_api,
            stream_usage=True,
            max_retries=0,
        )
        history = [SystemMessage(case["system"]), HumanMessage(case["prompt"])]

        @tool(description=WEATHER)
        def get_weather(city: str) -> str:
            return weather_in(city)

        def text_of(message):
            return message.text() if callable(message.text) and not isinstance(message.text, str) else message.text

        def spoken(message):
            usage = message.usage_metadata
            return {
                "text": str(text_of(message)),
                "usage": {"input": usage["input_tokens"], "output": usage["output_tokens"]},
            }

        def added_up(asked, messages):
            whole, pieces = None, 0
            for chunk in asked.stream(messages):
                whole = chunk if whole is None else whole + chunk
                pieces += str(text_of(chunk)) != ""
            return whole, pieces

        def stream():
            message, pieces = added_up(model, history)
            return {**spoken(message), "pieces": pieces}

        def loop(turn):
            called = []
            bound = model.bind_tools([get_weather])
            while True:
                message = turn(bound)
                if not message.tool_calls:
                    return {"text": str(text_of(message)), "called": called}
                history.append(message)
                for call in message.tool_calls:
                    called.append(call["args"]["city"])
                    result = get_weather.invoke(call["args"])
                    history.append(ToolMessage(result, tool_call_id=call["id"]))

        def dialogue():
            history.append(model.invoke(history))
            history.append(HumanMessage(case["second"]))
            return spoken(model.invoke(history))

        return {
            "plain": lambda: spoken(model.invoke(history)),
            "stream": stream,
            "tools": lambda: loop(lambda bound: bound.invoke(history)),
            "streamed tools": lambda: loop(lambda bound: added_up(bound, history)[0]),
            "dialogue": dialogue,
            "structured": lambda: {"object": model.with_structured_output(Answer).invoke(history).model_dump()},
            "error": lambda: model.invoke(history),
            "streamed error": lambda: added_up(model, history),
        }

    return features


drive({"chat": face(False), "responses": face(True)})
