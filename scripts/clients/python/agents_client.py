"""OpenAI's Agents SDK for Python, on responses (its default) and on chat completions."""

import asyncio

from agents import (
    Agent,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    Runner,
    function_tool,
    set_tracing_disabled,
)
from openai import AsyncOpenAI
from pydantic import BaseModel

from driver import WEATHER, drive, weather_in

set_tracing_disabled(True)


class Answer(BaseModel):
    city: str
    degrees: int


def face(kind):
    def features(case):
        prompt = case["prompt"]
        called = []

        @function_tool(description_override=WEATHER)
        def get_weather(city: str) -> str:
            called.append(city)
            return weather_in(city)

        def agent(**more):
            client = AsyncOpenAI(base_url=case["baseUrl"] + "/v1", api_key="sk-client")
            model = kind(model=case["model"], openai_client=client)
            # Without that setting it asks a stream of chat completions for no usage.
            settings = ModelSettings(include_usage=True)
            return Agent(name="terse", instructions=case["system"], model=model, model_settings=settings, **more)

        def spoken(result):
            usage = result.raw_responses[-1].usage
            seen = {"text": result.final_output, "called": called}
            return {**seen, "usage": {"input": usage.input_tokens, "output": usage.output_tokens}}

        async def plain(**more):
            return spoken(await Runner.run(agent(**more), prompt))

        async def streamed(**more):
            result = Runner.run_streamed(agent(**more), prompt)
            pieces = 0
            async for event in result.stream_events():
                if event.type == "raw_response_event":
                    pieces += event.data.type == "response.output_text.delta"
            return {**spoken(result), "pieces": pieces}

        async def dialogue():
            first = await Runner.run(agent(), prompt)
            history = first.to_input_list() + [{"role": "user", "content": case["second"]}]
            return spoken(await Runner.run(agent(), history))

        async def structured():
            result = await Runner.run(agent(output_type=Answer), prompt)
            return {"object": result.final_output.model_dump()}

        return {
            "plain": lambda: asyncio.run(plain()),
            "stream": lambda: asyncio.run(streamed()),
            "tools": lambda: asyncio.run(plain(tools=[get_weather])),
            "streamed tools": lambda: asyncio.run(streamed(tools=[get_weather])),
            "dialogue": lambda: asyncio.run(dialogue()),
            "structured": lambda: asyncio.run(structured()),
            "error": lambda: asyncio.run(plain()),
            "streamed error": lambda: asyncio.run(streamed()),
        }

    return features


drive({"responses": face(OpenAIResponsesModel), "chat": face(OpenAIChatCompletionsModel)})
