import json
import re
import subprocess
from pathlib import Path

import orjson
import pytest

from salon.contracts.wire import ServerFrame
from tests.node import NODE, NPM, WITH_NODE

ROOT = Path(__file__).parents[2]

README = (ROOT / "ui-contracts" / "README.md").read_text(encoding="utf-8")
TROUBLE, TYPES = re.findall(r"```typescript\n(.*?)```", README, re.DOTALL)
(KITCHEN,) = re.findall(r"```tsx\n(.*?)```", README, re.DOTALL)
CLIENTS = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
(TOOLS,) = re.findall(r"```javascript\n(import [^`]*?tools: .*?)```", CLIENTS, re.DOTALL)
(FIRST,) = re.findall(r"```js\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
# The pages' programs, and all the package's other doors.
PROGRAMS = {
    "first.ts": FIRST,
    "kitchen.tsx": KITCHEN,
    "tools.ts": TOOLS,
    "trouble.ts": TROUBLE,
    "program.ts": TYPES
    + """
import { RoomClient } from "@salon/ui-contracts/client";
import { type Chunk, Client, type Completion } from "@salon/ui-contracts/completions";
import wire from "@salon/ui-contracts/schema/wire.schema.json" with { type: "json" };

const client = new Client("http://127.0.0.1:1");
export const whole = async (): Promise<Completion> => client.chat("writer", []);
export const pieces = async (): Promise<AsyncGenerator<Chunk>> => client.chat("writer", [], true);
console.log(wire.$id, client.baseUrl, RoomClient.name);
""",
}
# The strictest that a reader may have it: our declarations are checked too.
STRICTEST = {
    "strict": True,
    "exactOptionalPropertyTypes": True,
    "noUncheckedIndexedAccess": True,
    "skipLibCheck": False,
    "resolveJsonModule": True,
    "module": "nodenext",
    "target": "es2022",
    "lib": ["es2024", "dom", "dom.iterable", "dom.asynciterable"],
    "jsx": "react-jsx",
    "types": [],
}


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, env=WITH_NODE, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.requirement("M-08", "S1-77")
def test_the_packages_own_tests_pass(package: Path) -> None:
    shown = run(NODE, "--test", cwd=package)
    assert re.search(r"^. fail 0$", shown, re.MULTILINE)
    assert re.search(r"^. skipped 0$", shown, re.MULTILINE)


@pytest.mark.requirement("M-08")
def test_the_packed_package_installs_in_an_empty_project_and_is_used_from_typescript(
    package: Path, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "package.json").write_text('{"name": "empty", "version": "1.0.0", "type": "module"}', encoding="utf-8")
    (told,) = json.loads(run(*NPM, "pack", "--json", "--pack-destination", str(tmp_path), cwd=package))
    inside = {file["path"] for file in told["files"]}
    assert {"dist/index.js", "dist/index.d.ts", "schema/wire.schema.json", "LICENSE", "README.md"} <= inside
    assert not [path for path in inside if re.match(r"src|test|corpus|.*tsbuildinfo", path)]
    # Zod from here: then nothing is asked of a registry, and nothing else can be needed.
    needed = [str(tmp_path / told["filename"]), str(package / "node_modules" / "zod")]
    run(*NPM, "install", "--offline", "--no-audit", "--no-fund", *needed, cwd=project)
    assert {path.name for path in (project / "node_modules").iterdir() if path.name[0] != "."} == {"@salon", "zod"}

    for name in ("react", "@types", "csstype"):  # who has no React needs none; who has it has these
        (project / "node_modules" / name).symlink_to(package / "node_modules" / name)
    for name, text in PROGRAMS.items():
        (project / name).write_text(text, encoding="utf-8")
    (project / "tsconfig.json").write_text(json.dumps({"compilerOptions": STRICTEST}), encoding="utf-8")
    run(NODE, str(package / "node_modules" / "typescript" / "bin" / "tsc"), cwd=project)
    assert run(NODE, "program.js", cwd=project) == "7 Hello\nfalse\nurn:salon:wire:1 http://127.0.0.1:1 RoomClient\n"


def test_the_package_depends_on_zod_alone_and_its_lock_names_no_place() -> None:
    told = json.loads((ROOT / "ui-contracts" / "package.json").read_text(encoding="utf-8"))
    assert set(told["dependencies"]) == {"zod"}
    assert told["type"] == "module"
    lock = json.loads((ROOT / "ui-contracts" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert all("resolved" not in entry and "integrity" in entry for entry in packages.values())
    assert all(lock["packages"][""].get(kind) == told.get(kind) for kind in ("dependencies", "devDependencies"))


SURFACE = {"surface": "s-1", "owner": "analyst", "component": "card"}
PIECES = [
    {"event": "ui.put", **SURFACE, "props": {"title": "Sales", "text": "Up"}, "version": 1},  # created, rendered
    {"event": "ui.patch", "surface": "s-1", "ops": [{"op": "replace", "path": "/text", "value": "Down"}], "version": 2},
    {"event": "ui.put", **SURFACE, "component": "list", "props": {"items": []}, "version": 3, "message": "m-1"},
    {"event": "ui.removed", "surface": "s-1"},
]
SAID = {
    "event": "message.done",
    "message": "m-1",
    "author": {"id": "analyst", "role": "agent"},
    "parts": [
        {"kind": "text", "text": "Here it is."},
        {"kind": "ui", "surface": "s-1"},
        {"kind": "data", "name": "metadata", "data": {"source": "crm"}},
    ],
}


@pytest.mark.requirement("S4-21")
@pytest.mark.parametrize(("type_", "events"), [("action", PIECES), ("state_update", [SAID])])
def test_a_piece_of_interface_is_the_same_on_both_sides(type_: str, events: list[object], package: Path) -> None:
    entries = [{"seq": seq, "at": 1.5, "cause": "c-1", "body": event} for seq, event in enumerate(events, 1)]
    frame = {"type": type_, "payload": {"kind": "events", "room": "lobby", "entries": entries}, "timestamp": 2.5}
    assert orjson.loads(ServerFrame.model_validate(frame).model_dump_json()) == frame
    script = (
        'import { ServerFrame, readJson } from "@salon/ui-contracts";'
        "console.log(JSON.stringify(ServerFrame.parse(readJson(process.argv[1]))));"
    )
    shown = run(NODE, "--input-type=module", "--eval", script, json.dumps(frame), cwd=package)
    assert orjson.loads(shown) == frame
