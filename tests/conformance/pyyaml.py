"""Reads texts as PyYAML's SafeLoader does, with CloudFormation's tags kept.

A JSON text a line comes in, the documents of the text go out as JSON, or null where they are refused. Dates, bytes and ordered maps, which
JSON does not have, are written as they stand; keys are text, as CloudFormation has them.
"""
import collections.abc
import datetime
import json
import sys

import yaml

CORE = "tag:yaml.org,2002:"


class Tagged:
    __hash__ = None  # a tag makes a mapping of a key, which Python cannot hash

    def __init__(self, tag, data):
        self.tag, self.data = tag, data


class Written(str):
    pass


class Loader(yaml.SafeLoader):
    def construct_mapping(self, node, deep=False):
        if not isinstance(node, yaml.MappingNode):
            return super().construct_mapping(node, deep=deep)
        self.flatten_mapping(node)
        mapping = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=deep)
            if not isinstance(key, collections.abc.Hashable):
                raise yaml.constructor.ConstructorError(None, None, "unhashable", key_node.start_mark)
            mapping[name(key, key_node)] = self.construct_object(value_node, deep=deep)
        return mapping


def name(key, node):
    if key is None:
        return "null"
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, float):
        return float_as_written(key, node.value)
    return str(key)


def float_as_written(value, text):
    if value != value or value in (float("inf"), float("-inf")) and "." in text[:2]:
        return {float("inf"): ".inf", float("-inf"): "-.inf"}.get(value, ".nan")
    if ":" in text:
        return repr(value)
    sign = "-" if text.startswith("-") else ""
    mantissa, _, exponent = text.lstrip("+-").replace("E", "e").replace("_", "").partition("e")
    whole, _, fraction = mantissa.partition(".")
    return sign + (whole.lstrip("0") or "0") + "." + (fraction or "0") + ("e" + exponent if exponent else "")


def tagged(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        return Tagged("!" + suffix, node.value)
    if isinstance(node, yaml.SequenceNode):
        return Tagged("!" + suffix, loader.construct_sequence(node, deep=True))
    return Tagged("!" + suffix, loader.construct_mapping(node, deep=True))


def date(loader, node):
    yaml.SafeLoader.construct_yaml_timestamp(loader, node)
    return Written(node.value)


Loader.add_multi_constructor("!", tagged)
Loader.add_constructor(CORE + "timestamp", date)
Loader.add_constructor(CORE + "binary", Loader.construct_yaml_str)
Loader.add_constructor(CORE + "omap", Loader.construct_yaml_seq)
Loader.add_constructor(CORE + "pairs", Loader.construct_yaml_seq)
Loader.add_constructor(CORE + "set", Loader.construct_yaml_map)


def shown(value, depth=0):
    if depth > 300:
        raise RecursionError
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Tagged):
        return ["!", value.tag, shown(value.data, depth)]
    if isinstance(value, int):
        return ["i", str(value)]
    if isinstance(value, float):
        return ["f", repr(value)]
    if isinstance(value, str):
        return ["s", value]
    if isinstance(value, list):
        return ["l", [shown(item, depth + 1) for item in value]]
    return ["m", [[key, shown(item, depth + 1)] for key, item in value.items()]]


sys.setrecursionlimit(20000)
for line in sys.stdin:
    try:
        documents = list(yaml.load_all(json.loads(line), Loader))
    except Exception:
        print("null")
        continue
    try:
        print(json.dumps([shown(document) for document in documents] or [None]))
    except RecursionError:
        print('"endless"')
