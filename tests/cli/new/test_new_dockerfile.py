# Copyright 2026 The opencti-connector developers
# See LICENSE file for licensing details.

"""How a connector starts, read from Dockerfiles as BuildKit reads them."""

import pathlib

import pytest

from tests.cli import metadata
from tests.cli.generated import Generated, new

DOCKERFILE = """\
FROM python:3.12-alpine AS packages
ARG HOME=/opt
ENV A=b DIRECTORY=${HOME}/shapes \\
    C="d"
WORKDIR $DIRECTORY
CMD ["ignored"]
FROM packages as app
ENTRYPOINT ["python3", "a file.py"]
CMD ["--loud"]
"""
RUN = 'ENTRYPOINT ["run"]\n'


@pytest.fixture
def manifest(tmp_path: pathlib.Path) -> pathlib.Path:
    return metadata.write(tmp_path / 'manifest.json', metadata.MANIFEST)


def start(tmp_path: pathlib.Path, manifest: pathlib.Path, text: str) -> str:
    """Return what the command says about how the connector starts."""
    file = tmp_path / 'shapes.Dockerfile'
    file.write_text(text, encoding='utf-8', newline='')
    result = new(tmp_path / 'charm', manifest, f'--dockerfile={file}')
    assert result.exit_code == 0, result.output
    return result.output.partition('starts with ')[2].partition('.\n')[0]


@pytest.mark.parametrize('where', ['named', 'in a checkout', 'beside the manifest'])
def test_the_file(tmp_path: pathlib.Path, where: str):
    folder = tmp_path / 'shapes' / ('__metadata__' if where == 'in a checkout' else '')
    folder.mkdir(parents=True)
    dockerfile = tmp_path / ('Dockerfile' if where == 'named' else 'shapes/Dockerfile')
    dockerfile.write_text(DOCKERFILE)
    manifest = metadata.write(folder / 'connector_manifest.json', metadata.MANIFEST)
    arguments = [f'--dockerfile={dockerfile}'] if where == 'named' else []
    result = new(tmp_path / 'charm', manifest, *arguments)

    assert "`python3 'a file.py' --loud` in /opt/shapes." in result.output
    assert f'Read: {manifest}, {dockerfile}.' in result.output


@pytest.mark.parametrize(
    ('text', 'directory'),
    [
        ('ARG D=/opt\nFROM a\nARG D\nWORKDIR $D\n', '/opt'),
        ('ARG D=/opt\nARG E=$D/e\nFROM a\nARG E\nWORKDIR ${E}\n', '/opt/e'),
        ('ARG D=/opt\nFROM a\nARG D=/srv\nWORKDIR $D\n', '/srv'),
        ('FROM a\nARG D=/arg\nENV D=/env\nWORKDIR $D\n', '/env'),
        ('FROM a AS b\nARG D=/opt\nFROM b\nWORKDIR $D\n', '/opt'),
        ('FROM --platform=$BUILDPLATFORM a AS base\nWORKDIR /opt\nFROM base\n', '/opt'),
        ('FROM a AS Base\nWORKDIR /opt\nFROM --platform=linux/amd64 bASE AS c\n', '/opt'),
        ('ARG B=base\nFROM a AS base\nWORKDIR /opt\nFROM ${B}\n', '/opt'),
        ('FROM a\nENV D /opt\nWORKDIR $D\n', '/opt'),
        ('FROM a\nENV D /opt/a  dir\nWORKDIR $D\n', '/opt/a  dir'),
        ('FROM a\nENV D=/opt\nENV E=$D/e\nWORKDIR $E/f\n', '/opt/e/f'),
        ('FROM a\nENV D=\'/opt\' E="/e f" F=/g\\ h\nWORKDIR $D$E$F\n', '/opt/e f/g h'),
        ('FROM a\nENV D=/opt\nWORKDIR \'/opt/\'"$D"\n', '/opt/opt'),
        ('FROM a\nENV Q="a\\"b"\nWORKDIR /opt/$Q\n', '/opt/a"b'),
        ('FROM a\nWORKDIR ${D:-/opt}\n', '/opt'),
        ('FROM a\nWORKDIR ${D-/opt}\n', '/opt'),
        ('FROM a\nENV D=\nWORKDIR /a${D:-/b}${D-/c}\n', '/a/b'),
        ('FROM a\nENV D=/opt\nWORKDIR ${D:-/srv}${D:+/e}${X:+/f}\n', '/opt/e'),
        ('FROM a\nWORKDIR ${A:-${B:-${C:-/opt}}}\n', '/opt'),
        ('FROM a\nWORKDIR /opt\nWORKDIR app/../src\n', '/opt/src'),
        ('from a\nworkdir\t/opt\n', '/opt'),
        ('# escape=`\nFROM a\nWORKDIR `\n  /opt\n', '/opt'),
        ('# syntax=docker/dockerfile:1\n#Escape = `\nFROM a\nWORKDIR `\n /opt\n', '/opt'),
        ('# check=skip=all\n# syntax=a\n# escape=`\nFROM a\nWORKDIR `\n /opt\n', '/opt'),
        ('# why\n# escape=`\nFROM a\nWORKDIR \\\n /opt\n', '/opt'),
        ('FROM a\nWORKDIR /opt/\x0cform/\u2028line\n', '/opt/\x0cform/\u2028line'),
        ('FROM a\nRUN echo "to <<EOF x"\nWORKDIR /opt\n', '/opt'),
        ("FROM a\nRUN echo '<<EOF' a<<EOF\nWORKDIR /opt\n", '/opt'),
        ('FROM a\nRUN <<EOF <<-"EOT"\nWORKDIR /a\nEOF\nWORKDIR /b\n\tEOT\nWORKDIR /opt\n', '/opt'),
        ('\ufeffFROM a\r\nWORKDIR /opt\r\n', '/opt'),
    ],
)
def test_the_working_directory(
    tmp_path: pathlib.Path, manifest: pathlib.Path, text: str, directory: str
):
    assert start(tmp_path, manifest, text + RUN) == f'`run` in {directory}'


@pytest.mark.parametrize(
    ('text', 'command'),
    [
        ("ENTRYPOINT ['/x']\n", "sh -c '['\"'\"'/x'\"'\"']'"),
        ('ENTRYPOINT ["a", \\\n  # why\n  "b"]\n', 'a b'),
        ('ENTRYPOINT ["a", \\\n\n  "b"]\n', 'a b'),
        ('CMD run it\n', "sh -c 'run it'"),
        ('SHELL ["bash", "-ec"]\nCMD run it\n', "bash -ec 'run it'"),
        ('ENTRYPOINT run it\nCMD ["more"]\n', "sh -c 'run it'"),
        ('ENTRYPOINT ["a"]\nCMD b c\n', "a sh -c 'b c'"),
        ('CMD ["b"]\nENTRYPOINT ["a"]\n', 'a b'),
        ('CMD ["old"]\nFROM base\nENTRYPOINT ["a"]\n', 'a'),
        ('CMD ["old"]\nFROM base\nCMD ["new"]\nENTRYPOINT ["a"]\n', 'a new'),
        ('ENTRYPOINT ["a"]\nCMD ["old"]\nFROM base\nCMD ["new"]\n', 'a new'),
        ('ENTRYPOINT ["a"]\nFROM base\nENTRYPOINT []\nCMD ["b"]\n', 'b'),
        ('CMD ["a"]\nHEALTHCHECK --interval=3s \\\n\n  CMD curl localhost\n', 'a'),
        ('CMD ["a"]\nRUN x && \\\n  # CMD ["b"]\n  y\n', 'a'),
        ('CMD ["a"]\nONBUILD CMD ["b"]\n', 'a'),
        ('CMD ["a"] \\', 'a'),
    ],
)
def test_the_command(tmp_path: pathlib.Path, manifest: pathlib.Path, text: str, command: str):
    said = start(tmp_path, manifest, f'FROM a AS base\n{text}')
    assert said.strip('`') == command


@pytest.mark.parametrize(
    ('text', 'user'),
    [
        ('FROM a\nUSER connector\n', 'connector'),
        ('FROM a\nARG NAME=app\nUSER $NAME:staff\n', 'app:staff'),
        ('FROM a AS b\nUSER 1000\nFROM b\n', '1000'),
    ],
)
def test_the_user(tmp_path: pathlib.Path, manifest: pathlib.Path, text: str, user: str):
    assert start(tmp_path, manifest, text + RUN) == f'`run` as {user}'
    out = Generated(tmp_path / 'charm').run({'connector-scope': 'a'})
    service = out.get_container('opencti-shapes-connector').plan.services['connector']
    assert user in (service.user, str(service.user_id), f'{service.user}:{service.group}')


@pytest.mark.parametrize('exists', [True, False])
def test_a_command_makes_it_superfluous(
    tmp_path: pathlib.Path, manifest: pathlib.Path, exists: bool
):
    file = tmp_path / 'Dockerfile'
    if exists:
        file.write_text('FROM scratch\n')
    line = ['--command=python -m src', '--working-dir=/opt', '--user=app']
    result = new(tmp_path / 'charm', manifest, f'--dockerfile={file}', *line)

    assert 'starts with `python -m src` in /opt as app.' in result.output
    assert f'Read: {manifest}.' in result.output


@pytest.mark.parametrize('arguments', [[], ['--working-dir=/opt']])
@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('FROM scratch\n', 'ENTRYPOINT: neither it nor CMD'),
        ('FROM a\nCMD ["old"]\nENTRYPOINT []\nCMD []\n', 'ENTRYPOINT: neither it nor CMD'),
        ('FROM a\nCMD ["a", 1]\n', 'must hold texts only'),
        ('FROM a\nUSER $X\nCMD a\n', 'USER: $X has a variable without a value'),
        ('FROM a\nARG X\nWORKDIR ${X#a}\nCMD a\n', 'WORKDIR: /${X#a} has a variable'),
        ('FROM a\nENV D=/opt E=$D/e\nWORKDIR $E\nCMD a\n', 'WORKDIR: /$D/e has a variable'),
        ('\xff', 'is not text in UTF-8'),
        ('', 'No such file'),
    ],
)
def test_it_is_refused(
    tmp_path: pathlib.Path, manifest: pathlib.Path, text: str, words: str, arguments: list[str]
):
    file = tmp_path / 'Dockerfile'
    if text:
        file.write_text(text, encoding='latin-1')
    result = new(tmp_path / 'charm', manifest, f'--dockerfile={file}', *arguments)

    assert result.exit_code == 2
    assert 'Dockerfile: ' in result.output
    assert 'Dockerfile: ' in result.output
    assert words in result.output
    assert not (tmp_path / 'charm').exists()
