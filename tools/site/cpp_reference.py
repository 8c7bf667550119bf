"""The reference of C++: what the public headers declare, with the comments that stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TOPICS = {
    "Users": ["worker/user/user.hpp", "worker/user/user_class.hpp", "worker/user/task_set.hpp",
              "worker/user/wait_time.hpp", "worker/user/arrival_rate.hpp", "worker/user/random.hpp"],
    "Requests": ["http/verbs.hpp", "http/curl/client.hpp", "http/fast/client.hpp", "http/request.hpp", "http/fields.hpp",
                 "http/multipart.hpp", "http/body_source.hpp", "http/client_options.hpp", "http/cookies/jar.hpp"],
    "Answers": ["http/response.hpp", "http/rest.hpp", "http/stream/body_stream.hpp", "http/stream/event_parser.hpp",
                "worker/user/retry.hpp"],
    "WebSockets": ["websocket/client.hpp", "websocket/options.hpp"],
    "gRPC": ["worker/user/grpc_user.hpp", "grpc/client.hpp", "grpc/options.hpp", "grpc/status.hpp"],
    "Sockets and libraries that block": ["net/sockets/tcp_client.hpp", "net/sockets/udp_client.hpp",
                                         "net/sockets/socket_error.hpp", "worker/user/blocking.hpp"],
    "Waiting": ["net/sleep.hpp", "net/several.hpp", "net/task_group.hpp"],
    "Data": ["worker/data/feeder.hpp", "worker/data/order.hpp", "base/value.hpp"],
    "The test around a user": ["worker/user/environment.hpp", "worker/user/hooks.hpp", "worker/user/arguments.hpp",
                               "base/recorder.hpp"],
}  # fmt: skip
# What stands in these headers for Katydid itself.
FOR_KATYDID = {
    "UserClass", "TaskSetClass", "RandomScope", "seed_of_user", "random_source", "short_name_of", "append_form_encoded",
    "RestHeaders", "PendingRest", "BodyStream", "BodyReading", "EventParser", "PendingOnWebSocket", "PendingWebSocket",
    "Sleep", "CurrentContext", "ClassEdit", "TestSettings", "Hooks", "KATYDID_HOOK_", "schedule_task", "Field",
    "current_context", "set_environment", "Recorder",
}  # fmt: skip
INTRODUCTION = """# Reference of C++
`#include <katydid/katydid.hpp>` brings all of this, in the namespace `katydid`. The text is that of the headers, less what only Katydid itself calls.
[Locustfiles in C++](locustfiles.md) is the page to begin with.
"""
CLASS = re.compile(r"^(?:template <.*?>\s*)?(?:class|struct|enum class|enum|union) ", re.DOTALL)
LAMBDA = re.compile(r"(?:KATYDID_\w+\((?:\"\w+\", )?)?\[\]\(.*?\) \{.*?\}(?:\);)?", re.DOTALL)
NOT_SHOWN = re.compile(r"= delete|^friend |\bawait_|^~|operator=\(|^static_assert|^virtual ~|^explicit operator|^extern |Shard&|\bContext&|register_\w+_class")


@dataclass
class Declaration:
    comment: list[str]
    text: str


def page(root: Path) -> str:
    topics = [INTRODUCTION]
    for topic, headers in TOPICS.items():
        topics.append(f"## {topic}\n")
        for header in headers:
            topics += documented(root, header)
    return "\n".join(topics)


def documented(root: Path, header: str) -> Iterator[str]:
    shown: list[tuple[Declaration, str]] = []
    for declaration in declarations((root / header).read_text()):
        code = rendered(declaration.text)
        has_comment = any(line.startswith("///") for line in declaration.comment)
        if code and name_of(code) not in FOR_KATYDID and (has_comment or is_function(code)):
            shown.append((declaration, code))
    for declaration, code in shown:
        if CLASS.match(code) or code.startswith("#define"):
            yield f"### `{name_of(code)}`\n"
        prose = with_marked_code("\n".join(text_of(declaration.comment)))
        yield f"{prose}\n\n```cpp\n{code}\n```\n"


def with_marked_code(prose: str) -> str:
    """Functions without a name would be links to Markdown."""
    pieces = prose.split("`")
    pieces[::2] = [LAMBDA.sub(r"`\g<0>`", piece) for piece in pieces[::2]]
    return "`".join(pieces)


def name_of(code: str) -> str:
    if macro := re.match(r"#define (\w+)", code):
        return macro[1]
    head = re.sub(r"^template <.*?>\s+", "", code, flags=re.DOTALL)
    head = re.split(r"[({;]| : | = ", head)[0].split()
    return head[-1].rpartition("::")[2] if head else ""


def is_function(code: str) -> bool:
    return "(" in code and not CLASS.match(code)


def declarations(text: str) -> Iterator[Declaration]:
    """At this level, with the comments above them. Namespaces are opened, all but `detail`."""
    lines = iter(text.splitlines())
    comment: list[str] = []
    for line in lines:
        stripped = line.strip()
        if stripped.startswith("//"):
            comment.append(stripped)
            continue
        if stripped.startswith("#define"):
            while line.endswith("\\"):
                line = next(lines)
            yield Declaration(comment, stripped.split(")")[0] + ")")
        elif stripped.startswith("namespace detail"):
            skipped = line
            while depth(skipped) > 0:
                skipped += "\n" + next(lines)
        elif stripped and not stripped.startswith(("#", "namespace", "}")):
            whole = [line]
            while not is_complete("\n".join(whole)):
                whole.append(next(lines))
            yield Declaration(comment, "\n".join(whole))
        comment = []


def without_comments(code: str) -> str:
    return re.sub(r"//.*", "", code)


def depth(code: str) -> int:
    code = without_comments(code)
    return sum(code.count(c) for c in "({[") - sum(code.count(c) for c in ")}]")


def is_complete(code: str) -> bool:
    end = without_comments(code).rstrip()
    return depth(code) == 0 and (end.endswith((";", "}")) or bool(re.search(r"(public|protected|private):$", end)))


def rendered(code: str) -> str:
    """The declaration as somebody who calls it wants to see it; "" of what is not for them."""
    code = re.sub(r"\[\[nodiscard.*?\]\] ", "", dedented(code))
    if CLASS.match(code):
        return rendered_class(code) if "{" in code else ""
    if NOT_SHOWN.search(code) or re.match(r"(explicit )?(\w+)\(\2&&", code):
        return ""
    for brace in re.finditer(r"(?<!=)\s\{", code):
        head = code[: brace.start()]
        if depth(head) == 0 and "(" in head:
            return re.sub(r"\)(\s+noexcept)?\s+: .*", r")\1", head, flags=re.DOTALL) + ";"
    return code.replace("///<", "//")


def rendered_class(code: str) -> str:
    head, body = code.split("{", 1)
    head = re.sub(r",? (private|protected) [\w:<>]+|,? detail::[\w:<>]+|, Timer| final", "", head).rstrip().removesuffix(" :")
    if head.startswith("enum") or " enum " in head:
        return code
    body = body.rpartition("}")[0]
    kept: list[str] = []
    access = "private" if re.search(r"\bclass \w+(?:$|\s|<)", head) else "public"
    for member in declarations(body):
        text = dedented(member.text)
        if label := re.match(r"(public|protected|private):$", text):
            access = label[1]
            continue
        if access == "private":
            continue
        if CLASS.match(text) and not text.startswith("enum"):
            member_code = f"{text.split('{')[0].split(' : ')[0].strip().removesuffix(';')};" if is_documented(member) else ""
        else:
            member_code = rendered(text)
        if member_code:
            comments = [f"// {line}".rstrip() for line in text_of(member.comment)]
            kept += [f"  {line}".rstrip() for line in [*comments, *member_code.splitlines()]]
    if not kept:
        return f"{head};"
    return "\n".join([f"{head} {{", *kept, "};"])


def is_documented(declaration: Declaration) -> bool:
    return any(line.startswith("///") for line in declaration.comment)


def text_of(comment: list[str]) -> list[str]:
    """Of `///` alone, without the marks of groups."""
    lines = [re.sub(r"^/// ?", "", line) for line in comment if line.startswith("///")]
    lines = [re.sub(r"\s*@[{}]", "", line) for line in lines]
    while lines and not lines[0]:
        lines.pop(0)
    return lines


def dedented(code: str) -> str:
    lines = code.splitlines()
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[indent:] for line in lines).strip()
