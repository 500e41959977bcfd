"""Servers on this machine answer their own pages and nobody else's: foreign names, origins and methods.

Belongs here: what is refused, in front of Dagster's own application and of any other.
Does not belong here: the server as it is started (test_dagster_server.py), who may see what (tests/dashboard).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import DagsterInstance
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import EmptyWorkspaceTarget
from dagster_webserver.webserver import DagsterWebserver
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from customer_health.core.web_guard import guarded

OURS = "http://127.0.0.1:3000"
FOREIGN = "http://evil.example"
WIPE = 'mutation{wipeAssets(assetPartitionRanges:[{assetKey:{path:["a"]}}]){__typename}}'
LOOK = "{version}"
QUESTION = {"query": LOOK}
NAVIGATION = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.fixture(scope="module")
def dagster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("dagster")
    (folder / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", "utf-8")
    with (
        DagsterInstance.from_config(str(folder)) as instance,
        WorkspaceProcessContext(instance, EmptyWorkspaceTarget()) as context,
    ):
        yield TestClient(guarded(DagsterWebserver(context).create_asgi_app(), json_paths=["/graphql"]), base_url=OURS)


def test_its_own_page_asks_and_a_program_does(dagster: TestClient) -> None:
    for headers in ({}, {"Origin": OURS, "Sec-Fetch-Site": "same-origin"}):
        answer = dagster.post("/graphql", json=QUESTION, headers=headers)
        assert (answer.status_code, list(answer.json()["data"])) == (200, ["version"])
    assert dagster.get("/server_info").status_code == 200
    assert dagster.get("/graphql", headers={"Accept": "text/html"}).status_code == 200


def test_a_foreign_page_wipes_nothing_by_an_image(dagster: TestClient) -> None:
    """What a page did: a mutation in the address of an image, under a name of its own that points here."""
    headers = {"Accept": "image/*", "Origin": FOREIGN, "Sec-Fetch-Site": "cross-site"}
    for host in ("evil.example:3000", "127.0.0.1:3000"):
        answer = dagster.get("/graphql", params={"query": WIPE}, headers={**headers, "Host": host})
        assert answer.status_code in (400, 403)
        assert "data" not in answer.text


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {"Accept": "image/*"}),
        ("GET", {"Accept": "text/html"}),
        ("GET", {"Accept": "text/html", **NAVIGATION}),
        ("HEAD", {}),
        ("POST", {"Content-Type": "application/x-www-form-urlencoded"}),
        ("POST", {"Content-Type": "text/plain"}),
        ("POST", {"Content-Type": "application/graphql"}),
        ("POST", {}),
        ("PUT", {"Content-Type": "application/json"}),
    ],
)
@pytest.mark.parametrize("path", ["/graphql", "/graphql/"])
def test_a_question_in_the_address_is_refused_in_any_form(
    dagster: TestClient, method: str, headers: dict[str, str], path: str
) -> None:
    answer = dagster.request(method, path, params={"query": WIPE}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": FOREIGN},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8000"},
        {"Origin": "http://127.0.0.1:3000.evil.example"},
        {"Origin": "http://127.0.0.1:3000@evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        NAVIGATION,
    ],
    ids=str,
)
def test_what_another_origin_sends_is_refused_though_it_is_json(dagster: TestClient, headers: dict[str, str]) -> None:
    assert dagster.post("/graphql", json=QUESTION, headers=headers).status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "evil.example:3000", "127.0.0.1.evil.example", "localhost.evil", ""])
def test_a_name_that_is_not_ours_is_refused(dagster: TestClient, host: str) -> None:
    assert dagster.get("/server_info", headers={"Host": host}).status_code == 400
    assert dagster.post("/graphql", json=QUESTION, headers={"Host": host}).status_code == 400


def page(hosts: tuple[str, ...] = ()) -> TestClient:
    async def answer(_: object) -> PlainTextResponse:
        return PlainTextResponse("page")

    async def talk(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("hello")
        await socket.close()

    routes = [Route("/", answer, methods=["GET", "PUT"]), WebSocketRoute("/stream", talk)]
    return TestClient(guarded(Starlette(routes=routes), hosts), base_url=OURS)


def test_a_link_from_a_message_opens_a_page_but_nothing_is_loaded_into_another_one() -> None:
    assert page().get("/", headers=NAVIGATION).text == "page"
    for dest in ("image", "script", "iframe"):
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": dest}
        assert page().get("/", headers=headers).status_code == 403
    assert page().put("/", content=b"file", headers={"Origin": OURS}).status_code == 200
    assert page().put("/", content=b"file", headers={"Origin": FOREIGN}).status_code == 403


def test_a_foreign_page_opens_no_stream() -> None:
    with page().websocket_connect("ws://127.0.0.1:3000/stream", headers={"Origin": OURS}) as socket:
        assert socket.receive_text() == "hello"
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        page().websocket_connect("ws://127.0.0.1:3000/stream", headers={"Origin": FOREIGN}),
    ):
        pass
    assert refused.value.code == 1008


def test_a_proxy_may_offer_it_under_its_own_name() -> None:
    offered = page(("Health.example.com",))
    assert offered.get("/", headers={"Host": "health.example.com"}).text == "page"
    assert offered.put("/", headers={"Origin": "https://health.example.com"}).status_code == 200
    assert offered.put("/", headers={"Origin": FOREIGN}).status_code == 403
    assert page().get("/", headers={"Host": "health.example.com"}).status_code == 400
