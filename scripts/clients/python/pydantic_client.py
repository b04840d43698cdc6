"""Pydantic AI, on chat completions, responses and messages."""

import asyncio

from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider

from driver import WEATHER, drive, weather_in


class Answer(BaseModel):
    city: str
    degrees: int


def face(model_of):
    def features(case):
        prompt = case["prompt"]
        called = []

        def get_weather(city: str) -> str:
            called.append(city)
            return weather_in(city)

        get_weather.__doc__ = WEATHER

        def agent(**more):
            return Agent(model_of(case), instructions=case["system"], **more)

        def spoken(text, usage):
            seen = {"text": text, "called": called}
            return seen if called else {**seen, "usage": {"input": usage.input_tokens, "output": usage.output_tokens}}

        def usage_of(result):
            return result.usage() if callable(result.usage) else result.usage

        async def plain(**more):
            result = await agent(**more).run(prompt)
            return spoken(result.output, usage_of(result))

        async def streamed(**more):
            async with agent(**more).run_stream(prompt) as result:
                pieces = [piece async for piece in result.stream_text(delta=True, debounce_by=None)]
                return {**spoken("".join(pieces), usage_of(result)), "pieces": len(pieces)}

        async def dialogue():
            first = await agent().run(prompt)
            result = await agent().run(case["second"], message_history=first.all_messages())
            return spoken(result.output, usage_of(result))

        async def structured():
            return {"object": (await agent(output_type=Answer).run(prompt)).output.model_dump()}

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


def openai_at(case):
    return OpenAIProvider(base_url=case["baseUrl"] + "/v1", api_key="sk-client")


def anthropic_at(case):
    return AnthropicProvider(base_url=case["baseUrl"], api_key="sk-client")


drive(
    {
        "chat": face(lambda case: OpenAIChatModel(case["model"], provider=openai_at(case))),
        "responses": face(lambda case: OpenAIResponsesModel(case["model"], provider=openai_at(case))),
        "messages": face(lambda case: AnthropicModel(case["model"], provider=anthropic_at(case))),
    }
)
