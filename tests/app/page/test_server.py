"""How the page is served: addresses of IPv4 and IPv6, https, one line for what cannot be, nothing left behind."""

import datetime
import ipaddress
import subprocess
import sys
import urllib.request

import pytest

from openfer.app.page import server
from openfer.errors import Refused
from tests.app.page.served import post, served
from tests.imports import ROOT
from tests.servers import free_port


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A certificate that this machine has signed for itself, and its key."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "page")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
    folder, pem = tmp_path_factory.mktemp("pair"), serialization.Encoding.PEM
    (folder / "page.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(pem))
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(pem, *plain))
    return folder / "page.pem", folder / "key.pem"


def test_both_protocols_https_and_nothing_left_behind_whatever_ends_it(pair, tmp_path):
    with served(tmp_path, "--host", "::", host="[::1]") as killed:
        port = killed.url.rsplit(":", 1)[1]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=10) as answer:
            assert answer.status == 200
        boundary = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\nface\r\n--x--\r\n'
        kind = "multipart/form-data; boundary=x"
        assert post(f"{killed.url}/gradio_api/upload", boundary, kind)[0] == 200
        (left,) = tmp_path.glob("openfer-web-*")
        assert list(left.rglob("a.png"))
        first = killed.log.read_text()
        killed.process.kill()
        killed.process.wait(timeout=10)
    assert left.exists()
    assert first.startswith(f"The page is at http://[::1]:{port} (Ctrl-C ends)\n") and "share" not in first
    certificate, key = map(str, pair)
    options = ("--host", "0.0.0.0", "--certificate", certificate, "--key", key)
    with served(tmp_path, *options, scheme="https") as running:
        assert not left.exists()
        assert running.stop() == 130
        assert running.log.read_text().splitlines()[0] == f"The page is at {running.url} (Ctrl-C ends)"
        assert "camera" not in running.log.read_text() and len(running.log.read_text().splitlines()) <= 2
    assert [path.name for path in tmp_path.iterdir()] == ["log"]


def test_a_page_for_all_says_where_others_find_it_and_that_their_cameras_want_https(monkeypatch):
    monkeypatch.setattr(server, "address_towards", lambda _: "192.168.1.20")
    lines = server.told("0.0.0.0", 7860, secure=False).splitlines()
    assert lines[0] == "The page is at http://127.0.0.1:7860 (Ctrl-C ends)"
    assert lines[1] == "For other devices of this network: http://192.168.1.20:7860"
    assert "--certificate" in lines[2]
    assert server.told("0.0.0.0", 7860, secure=True).splitlines()[1].endswith("https://192.168.1.20:7860")
    monkeypatch.setattr(server, "address_towards", lambda _: None)
    assert len(server.told("::", 7860, secure=False).splitlines()) == 1
    assert server.told("[::1]", 80, secure=False) == "The page is at http://[::1]:80 (Ctrl-C ends)\n"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "203.0.113.7", "no such host", "127..0.0.1", "[::1]"])
def test_an_address_that_is_taken_or_not_here_is_one_line(host):
    port = free_port()
    try:
        first = server.listening(host, port)
    except Refused as error:
        first = None
        assert str(error).endswith("see --port and --host") and "\n" not in str(error)
    assert (first is None) == (host in ("203.0.113.7", "no such host", "127..0.0.1"))
    if first:
        with first, pytest.raises(Refused, match="is taken, or no address of this machine"):
            server.listening(host, port)


def test_certificate_and_key_come_together_and_are_what_they_should_be(pair, tmp_path):
    certificate, key = pair
    (tmp_path / "notes.pem").write_text("no key")
    server.require_pair(None, None)
    server.require_pair(certificate, key)
    for wrong in ((certificate, None), (None, key)):
        with pytest.raises(Refused, match="belong together"):
            server.require_pair(*wrong)
    for wrong in ((certificate, tmp_path / "notes.pem"), (tmp_path / "notes.pem", key), (key, certificate)):
        with pytest.raises(Refused, match="no certificate with its key"):
            server.require_pair(*wrong)
    with pytest.raises(FileNotFoundError, match=r"gone\.pem"):
        server.require_pair(certificate, tmp_path / "gone.pem")


def test_half_a_pair_is_one_line_on_the_terminal():
    command = [sys.executable, "-m", "openfer", "web", "--certificate", "page.pem"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "web: --certificate and --key belong together: give both, or none\n"
