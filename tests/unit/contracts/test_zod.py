import re

import pytest

from salon.contracts.types import Json, Obj
from salon.contracts.zod import Untranslatable, typescript


def module(catalogue: dict[str, str] | None = None, names: dict[str, Obj] | None = None, **definitions: Obj) -> str:
    return typescript(definitions, names or {}, catalogue or {})


def schema_of(schema: Obj) -> str:
    found = re.search(r"export const One: z\.ZodType<One> = (.*?);\n", module(One=schema), re.DOTALL)
    assert found
    return found[1]


def type_of(schema: Obj) -> str:
    found = re.search(r"export type One = ?(.*?);\n", module(One=schema), re.DOTALL)
    assert found
    return found[1]


def closed(required: list[str], **properties: Obj) -> Obj:
    return {"type": "object", "properties": {**properties}, "required": [*required], "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "zod", "type_"),
    [
        ({"type": "boolean"}, "z.boolean()", "boolean"),
        ({"type": "null"}, "z.null()", "null"),
        ({"type": "string"}, "text()", "string"),
        ({"type": "string", "minLength": 1, "maxLength": 9}, "text({ min: 1, max: 9 })", "string"),
        ({"type": "string", "pattern": "^a/[/]b"}, r"text({ pattern: /^a\/[\/]b/u })", "string"),
        ({"type": "integer", "minimum": 1, "maximum": 2**53 - 1}, "z.int().gte(1)", "number"),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1}, "z.number().lte(1).gt(0)", "number"),
        ({"type": "number", "minimum": 0, "exclusiveMaximum": 1}, "z.number().gte(0).lt(1)", "number"),
        ({"const": "a"}, 'z.literal("a")', '"a"'),
        ({"enum": ["a", "b"], "type": "string"}, 'z.enum(["a", "b"])', '"a" | "b"'),
        ({"type": "array", "items": {"type": "boolean"}, "maxItems": 2}, "z.array(z.boolean()).max(2)", "boolean[]"),
        (
            {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "number"}, {"type": "null"}]}},
            "z.array(z.union([z.int(), z.number(), z.null()]))",
            "(number | null)[]",
        ),
        (
            {"type": "object", "additionalProperties": {"type": "string"}},
            "record(text())",
            "{ [key: string]: string }",
        ),
    ],
)
def test_each_kind_of_schema_has_its_counterpart(schema: Obj, zod: str, type_: str) -> None:
    assert schema_of(schema) == zod
    assert type_of(schema) == type_


def test_a_property_that_may_be_left_out_is_never_null_in_its_type() -> None:
    maybe: Obj = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    plain: Obj = {"type": "string"}
    either: Obj = {"anyOf": [{"type": "string"}, {"type": "boolean"}, {"type": "null"}], "default": None}
    text = module(One=closed(["a-b"], **{"a-b": plain}, maybe=maybe, either=either))
    assert (
        "export interface One {\n"
        '    "a-b": string;\n'
        "    maybe?: string | undefined;\n"
        "    either?: string | boolean | undefined;\n"
        "}\n"
    ) in text
    assert (
        "export const One = z.strictObject({\n"
        '    "a-b": text(),\n'
        "    maybe: absent(text()),\n"
        "    either: absent(z.union([text(), z.boolean()])),\n"
        "});\n"
    ) in text


def test_a_definition_comes_after_those_it_needs_and_may_need_itself() -> None:
    text = module(
        A={"anyOf": [{"$ref": "#/$defs/B"}, {"$ref": "#/$defs/C"}]},
        B={"type": "array", "items": {"$ref": "#/$defs/B"}},
        C={"type": "boolean", "description": "Yes or no."},
    )
    assert text.index("const B") < text.index("const A")
    assert "export const B: z.ZodType<B> = z.lazy(() => z.array(B));" in text
    assert "/** Yes or no. */\nexport type C = boolean;" in text


def test_an_inline_shape_gets_the_name_that_readers_want() -> None:
    shape: Obj = {"type": "string", "maxLength": 5}
    text = module(
        names={"Short": shape},
        One=closed(["a"], a=dict(shape), b={"anyOf": [dict(shape), {"type": "null"}], "default": None}),
    )
    assert "export const Short: z.ZodType<Short> = text({ max: 5 });" in text
    assert "    a: Short,\n    b: absent(Short),\n" in text


def test_a_union_with_a_tag_is_decided_by_the_tag() -> None:
    mapping: Obj = {"propertyName": "kind", "mapping": {"a": "#/$defs/A", "b": "#/$defs/B"}}
    text = module(
        A=closed(["kind"], kind={"const": "a"}),
        B=closed(["kind"], kind={"const": "b"}),
        Either={"oneOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}], "discriminator": mapping},
    )
    assert 'export const Either: z.ZodType<Either> = z.discriminatedUnion("kind", [A, B]);' in text
    assert "export type Either = A | B;" in text


def test_a_long_union_has_a_line_for_each_member() -> None:
    names: list[Json] = [f"a-rather-long-name-{number}" for number in range(6)]
    lines = type_of({"enum": names}).splitlines()
    assert lines == ["", *(f'    | "{name}"' for name in names)]


def test_the_catalogue_finds_props_by_the_components_name() -> None:
    text = module(catalogue={"text": "TextProps"}, TextProps=closed([]))
    assert "export interface Catalogue {\n    text: TextProps;\n}" in text
    assert "export const Catalogue = {\n    text: TextProps,\n}" in text


@pytest.mark.requirement("S4-05")
@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "string", "format": "date"}, "One: no translation for format"),
        (
            closed(["a"], a={"type": "array", "items": {"type": "string", "not": {}}}),
            r"One\.a\[\]: no translation for not",
        ),
        ({"type": "array", "items": {"type": "string"}, "uniqueItems": True}, "uniqueItems"),
        ({"type": "string", "minimum": 1}, "One: no translation for minimum"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}], "minLength": 1}, "One: no translation for minLength"),
        (
            closed([], a={"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "pattern": "a"}),
            r"One\.a: no translation for pattern",
        ),
        ({"type": "object", "properties": {}}, "One: an object with named properties has to be closed"),
        (closed(["a", "b"], a={"type": "string"}), "One: asks for b"),
        (closed([], a={"type": "string", "default": "x"}), r"One\.a: optional, and not null when absent"),
        ({"enum": [1, 2]}, "One: no translation for"),
        ({"oneOf": [{"type": "string"}, {"type": "null"}]}, "One: no translation for"),
        ({"type": ["string", "null"]}, "One: no translation for"),
        ({"type": "array"}, "not a schema: null"),
        ({}, "One: no translation for"),
    ],
)
def test_what_has_no_translation_is_an_error_that_says_where(schema: Obj, told: str) -> None:
    with pytest.raises(Untranslatable, match=told):
        module(One=schema)


def test_definitions_that_need_each_other_are_refused() -> None:
    with pytest.raises(Untranslatable, match=r"refer to each other: \w > \w > \w$"):
        module(A={"type": "array", "items": {"$ref": "#/$defs/B"}}, B={"type": "array", "items": {"$ref": "#/$defs/A"}})
