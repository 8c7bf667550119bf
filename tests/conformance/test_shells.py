"""The manual page and the completions, as real programs take them."""
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.katydid


def printed(lab, *options):
    return subprocess.run([lab.katydid, *options], capture_output=True, text=True, check=True).stdout


def completed_by_bash(text, *words):
    script = text + '\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _katydid; printf "%s\\n" "${COMPREPLY[@]}"'
    run = subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True, check=True)
    return run.stdout.split()


def test_bash_completes(lab, tmp_path):
    text = printed(lab, "--completion", "bash")
    (tmp_path / "users.cpp").touch()
    assert completed_by_bash(text, "katydid", "--ev") == ["--event-loop"]
    assert completed_by_bash(text, "katydid", "--event-loop", "e") == ["epoll"]
    assert completed_by_bash(text, "katydid", "--loglevel", "=", "W") == ["WARNING"]
    assert completed_by_bash(text, "katydid", "-f", f"{tmp_path}/us") == [f"{tmp_path}/users.cpp"]
    assert completed_by_bash(text, "katydid", "--users", "") == []
    assert completed_by_bash(text, "katydid", "comp") == ["compare"]
    assert completed_by_bash(text, "katydid", "compare", "--f") == ["--fail-if-worse"]
    assert completed_by_bash(text, "katydid", "compare", f"{tmp_path}/us") == [f"{tmp_path}/users.cpp"]
    offered = completed_by_bash(text, "katydid", "")
    assert "--master-host" in offered and len(offered) == len(set(offered)) > 40


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_understand_theirs(lab, tmp_path, shell):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    (tmp_path / "completion").write_text(printed(lab, "--completion", shell))
    subprocess.run([shell, "-n", tmp_path / "completion"], check=True)


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
def test_fish_completes(lab):
    script = printed(lab, "--completion", "fish") + 'complete -C "katydid --event-loop "\n'
    run = subprocess.run(["fish", "-c", script], capture_output=True, text=True, check=True)
    assert [line.split("\t")[0] for line in run.stdout.splitlines()] == ["asio", "auto", "epoll", "io_uring"]
    script = printed(lab, "--completion", "fish") + 'complete -C "katydid compare --f"\n'
    run = subprocess.run(["fish", "-c", script], capture_output=True, text=True, check=True)
    assert "--fail-if-worse" in run.stdout
    assert "--fail-if " not in run.stdout.replace("\t", " "), "that is the worker's"


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_the_manual_page_has_no_mistakes(lab):
    page = printed(lab, "--man-page")
    command = ["groff", "-man", "-Tascii", "-ww", "-P-cbou"]
    run = subprocess.run(command, input=page, capture_output=True, text=True, check=True)
    assert run.stderr == ""
    shown = " ".join(run.stdout.split())
    for words in ["NAME katydid - a Locust worker", "--master-host <hostname>", "-f, --locustfile <filename>", "EXIT STATUS 0"]:
        assert words in shown, words
