from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from storj_monitor.exports.jobs.spool import create
from storj_monitor.web.keys import RUNNER
from tests.web.rooms import NUMBERS, format_of, problem, room
from tests.web.test_downloads import URL, by_http_1_0

if TYPE_CHECKING:
    from pytest_aiohttp.plugin import AiohttpClient

    from tests.web.rooms import Client

SPAN = {"start": "2026-03-01", "end": "2026-03-02"}


@pytest.fixture
async def client(aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(room().app)


async def test_a_file_can_be_downloaded_again(client: Client) -> None:
    first = await client.get(URL, params=SPAN)
    body = await first.read()
    place = first.headers["Content-Location"]
    again = await client.get(place)
    assert again.status == 200
    assert await again.read() == body
    for name in ("Content-Type", "Content-Disposition", "ETag", "Accept-Ranges", "Cache-Control"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["Content-Length"] == str(len(body))
    assert again.headers["ETag"] == f'"{place.rpartition("/")[2]}"'


async def test_its_head_says_how_long_it_is(client: Client) -> None:
    first = await client.get(URL, params=SPAN)
    body = await first.read()
    response = await client.head(first.headers["Content-Location"])
    assert response.status == 200
    assert response.headers["Content-Length"] == str(len(body))
    assert await response.read() == b""


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-9", slice(0, 10)),
        ("bytes=10-", slice(10, None)),
        ("bytes=-10", slice(-10, None)),
        ("bytes=100-100000", slice(100, None)),
    ],
)
async def test_a_part_of_it_is_answered(client: Client, wanted: str, part: slice) -> None:
    first = await client.get(URL, params=SPAN)
    body = await first.read()
    start, stop, _ = part.indices(len(body))
    for url in (first.headers["Content-Location"], first.url.relative()):
        response = await client.get(url, headers={"Range": wanted})
        assert response.status == 206
        assert response.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(body)}"
        assert response.headers["Content-Length"] == str(stop - start)
        assert response.headers["ETag"] == first.headers["ETag"]
        assert await response.read() == body[part]


@pytest.mark.parametrize("wanted", ["bytes={size}-", "bytes=-0", "bytes=-000"])
async def test_a_part_that_is_not_there_can_not_be_satisfied(client: Client, wanted: str) -> None:
    first = await client.get(URL, params=SPAN)
    size = len(await first.read())
    response = await client.get(
        first.headers["Content-Location"], headers={"Range": wanted.format(size=size)}
    )
    assert (response.status, response.headers["Content-Range"]) == (416, f"bytes */{size}")
    said = problem(await response.text())
    assert (said["code"], said["detail"]) == ("bad_range", f"the file ends after {size} bytes")
    assert "Content-Disposition" not in response.headers


@pytest.mark.parametrize("wanted", ["bytes=9-0", "lines=0-9", "bytes=0-1,5-6", "nonsense"])
async def test_a_range_that_makes_no_sense_gets_the_whole(client: Client, wanted: str) -> None:
    first = await client.get(URL, params=SPAN)
    body = await first.read()
    response = await client.get(first.headers["Content-Location"], headers={"Range": wanted})
    assert (response.status, await response.read()) == (200, body)


async def test_parts_of_two_files_are_never_put_together(client: Client) -> None:
    first = await client.get(URL, params=SPAN)
    body = await first.read()
    words = {"Range": "bytes=5-", "If-Range": first.headers["ETag"]}
    # Of the same file: the rest of it.
    assert (await client.get(URL, params=SPAN, headers=words)).status == 206
    # Of another request, or of a file that is gone: all of it, which is made now.
    other = await client.get(URL, params=SPAN | {"node": "alpha"}, headers=words)
    assert other.status == 200
    assert other.headers["ETag"] != first.headers["ETag"]
    gone = await client.get(URL, params=SPAN, headers=words | {"If-Range": '"gone"'})
    assert (gone.status, await gone.read()) == (200, body)
    place = first.headers["Content-Location"]
    assert (await client.get(place, headers=words | {"If-Range": '"gone"'})).status == 200
    # Nothing was made for that request yet.
    fresh = {"start": "2026-03-05", "end": "2026-03-06"}
    assert (await client.get(URL, params=fresh, headers={"Range": "bytes=5-"})).status == 200


async def test_a_manifest_says_what_is_in_the_file(client: Client) -> None:
    first = await client.get(URL, params=SPAN | {"manifest": "1", "node": "alpha"})
    body = await first.read()
    place, relation, kind = first.headers["Link"].split("; ")
    assert (relation, kind) == ('rel="describedby"', 'type="application/json"')
    response = await client.get(place.strip("<>"))
    assert response.headers["Content-Type"] == "application/json"
    manifest = json.loads(await response.text())
    assert manifest["file"] == "numbers_alpha_2026-03-01_2026-03-02.csv"
    assert manifest["sha256"] == hashlib.sha256(body).hexdigest()
    assert (manifest["rows"], manifest["bytes"]) == (12, len(body))
    assert manifest["span"] == {
        "start": "2026-03-01T00:00:00+00:00",
        "end": "2026-03-03T00:00:00+00:00",
    }
    assert manifest["nodes"] == ["alpha"]
    assert manifest["formula_guard"] is True
    (table,) = manifest["tables"]
    assert (table["name"], table["rows"]) == ("numbers", 12)
    assert [column["key"] for column in table["columns"]] == ["timestamp", "text", "number"]
    assert table["columns"][2] == {
        "key": "number",
        "label": "Number",
        "kind": "integer",
        "type": "int64",
        "unit": "B",
        "description": NUMBERS.columns[2].description,
        "personal": False,
    }


async def test_no_manifest_is_offered_where_none_was_asked_for(client: Client) -> None:
    assert "Link" not in (await client.get(URL, params=SPAN)).headers


async def test_what_is_not_there_is_not_found(client: Client) -> None:
    for path in ("/api/reports/" + "0" * 32, "/api/reports/..%2fx", "/api/reports/x/manifest"):
        response = await client.get(path)
        assert response.status == 404
        assert problem(await response.text())["code"] == "not_found"


async def test_a_file_outlives_the_server_that_made_it(aiohttp_client: AiohttpClient) -> None:
    made = room()
    client = await aiohttp_client(made.app)
    first = await client.get(URL, params=SPAN)
    body = await first.read()
    await client.close()
    restarted = room()
    restarted.app[RUNNER].spool.folder = made.app[RUNNER].spool.folder
    client = await aiohttp_client(restarted.app)
    assert await (await client.get(first.headers["Content-Location"])).read() == body


async def test_http_1_0_gets_a_file_again_with_its_length(client: Client) -> None:
    first = await client.get(URL, params=SPAN)
    body = await first.read()
    head, content = await by_http_1_0(client, first.headers["Content-Location"])
    assert f"Content-Length: {len(body)}" in head
    assert content == body


async def test_an_empty_file_is_a_file(aiohttp_client: AiohttpClient) -> None:
    client = await aiohttp_client(room(format_of("none", lambda _: [])).app)
    first = await client.get(URL, params={"format": "none"})
    assert (first.status, await first.read()) == (200, b"")
    again = await client.get(first.headers["Content-Location"])
    assert (again.status, await again.read()) == (200, b"")


async def test_a_half_written_file_is_never_answered(aiohttp_client: AiohttpClient) -> None:
    made = room()
    client = await aiohttp_client(made.app)
    await (await client.get(URL)).read()
    id_ = "a" * 32
    with create(made.app[RUNNER].spool.part(id_)) as file:
        file.write(b"half")
    assert (await client.get(f"/api/reports/{id_}")).status == 404
