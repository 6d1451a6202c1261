from __future__ import annotations

import asyncio

from examples.soft_block.bulletin import Bulletin


def test_a_reader_gets_the_state_now_and_at_each_renewal_until_it_is_closed():
    async def scene():
        states = ["on"]
        bulletin = Bulletin(lambda: states[-1])
        news = bulletin.read()
        assert await anext(news) == "on"
        states.append("off")
        bulletin.renew()
        assert await anext(news) == "off"
        bulletin.close()
        assert [state async for state in news] == []

    asyncio.run(scene())


def test_it_can_be_renewed_and_closed_from_another_thread():
    async def scene():
        bulletin = Bulletin(lambda: "on")
        news = bulletin.read()
        assert await anext(news) == "on"
        waiting = asyncio.ensure_future(anext(news))
        await asyncio.to_thread(bulletin.renew)
        assert await waiting == "on"
        waiting = asyncio.ensure_future(anext(news, "over"))
        await asyncio.to_thread(bulletin.close)
        assert await waiting == "over"

    asyncio.run(scene())


def test_who_leaves_is_not_told_any_more():
    async def scene():
        bulletin = Bulletin(lambda: "on")
        news = bulletin.read()
        await anext(news)
        await news.aclose()
        assert bulletin._readers == {}

    asyncio.run(scene())
