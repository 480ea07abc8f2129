"""Letters to sign, signers, and a time-stamp server.

The letters are made here with WeasyPrint and not by the typesetting room, so that what is
shown of signing is shown of any tagged PDF/A.
"""

from __future__ import annotations

import datetime as dt
import functools
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import weasyprint
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID

from judges import require, run
from outreach_merge.sign.fields import SignatureField
from outreach_merge.sign.keys import FileKey
from outreach_merge.sign.opening import open_key
from outreach_merge.sign.passphrase import Passphrases, Secret
from outreach_merge.sign.signing import LetterSigner
from outreach_merge.sign.specimen import Identity, rsa_key
from sign.authority import Authority

PASSPHRASE = "quartz-lantern-Ω-meadow"

FIELDS = (
    SignatureField(
        "president", "Signature of the President of the Conference", -1, (70, 300, 270, 365)
    ),
    SignatureField("ipu", "Signature of the Secretary General", -1, (320, 300, 520, 365)),
)

_LETTER = """<!doctype html><html lang="en"><head><title>Letter to the Speaker</title>
<style>
  @page { size: A4; margin: 25mm }
  body { font-family: "Noto Serif"; font-size: 11pt }
  .signatures { display: flex; margin-top: 2cm }
  .signatures p { width: 50% }
</style></head><body>
<h1>The Arms Trade Treaty</h1>
<p>Excellency, we have the honour to write to you.</p>
<p>The threshold is seventeen states.</p>
<div class="signatures"><p>Digitally signed</p><p>Digitally signed</p></div>
</body></html>"""

_PDF_UA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
 pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>
<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>PDF/UA</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>
<rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of PDF/UA</pdfaProperty:description></rdf:li></rdf:Seq>
</pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description></rdf:RDF>"""


def _state_pdf_ua(document: Any, pdf: Any) -> None:
    reference = pdf.catalog["Metadata"]
    text = reference.decode() if isinstance(reference, bytes) else str(reference)
    stream = pdf.objects[int(text.split()[0])].stream
    stream[:] = [b"".join(stream).replace(b"</rdf:RDF>", _PDF_UA)]


@functools.cache
def typeset(html: str = _LETTER) -> bytes:
    return bytes(
        weasyprint.HTML(string=html).write_pdf(pdf_variant="pdf/a-3a", finisher=_state_pdf_ua)
    )


@dataclass(frozen=True)
class Pki:
    authority: Authority
    identities: dict[str, Identity]
    folder: Path

    @property
    def trust(self) -> list[Any]:
        return [self.authority.certificate]

    @property
    def trust_file(self) -> Path:
        return self.folder / "authority.pem"

    def file(self, name: str) -> Path:
        return self.folder / f"{name}.p12"


def given_passphrase(secret: str = PASSPHRASE) -> Passphrases:
    """The pass phrase as it comes through a file descriptor."""
    return Passphrases(lines=[Secret(secret)])


class Signers:
    """Opens signatories' keys and closes them when the test is over."""

    def __init__(self, pki: Pki, now: dt.datetime) -> None:
        self._pki = pki
        self._now = now
        self._open: list[LetterSigner] = []

    def __call__(self, name: str, /, **options: Any) -> LetterSigner:
        source = options.pop("source", None) or FileKey(self._pki.file(name))
        clock = options.pop("clock", lambda: self._now)
        key = open_key(source, name, options.pop("passphrases", given_passphrase()), now=clock())
        signer = LetterSigner(key, clock=clock, **options)
        self._open.append(signer)
        return signer

    def close(self) -> None:
        for signer in self._open:
            signer.close()


class Server:
    """A web server in a thread: answers with what ``answers`` gives for a path."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                server.asked.append(self.path)
                answer = server.answers.get(self.path)
                if answer is None:
                    self.send_error(404)
                    return
                kind, content = answer(body)
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = _answer

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._http.server_port}{path}"

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


class OpensslStamps:
    """An RFC 3161 time-stamp authority: ``openssl ts``."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        require("openssl")
        self._folder = folder
        identity = authority.issue(
            "Time stamps", rsa_key(), purpose=ExtendedKeyUsageOID.TIME_STAMPING
        )
        pem = serialization.Encoding.PEM
        (folder / "tsa.pem").write_bytes(identity.certificate.public_bytes(pem))
        (folder / "ca.pem").write_bytes(authority.certificate.public_bytes(pem))
        (folder / "tsa.key").write_bytes(
            identity.private.private_bytes(
                pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        (folder / "serial").write_text("01\n")
        (folder / "ts.cnf").write_text(
            "[tsa]\ndefault_tsa = t\n[t]\n"
            f"serial = {folder}/serial\ncrypto_device = builtin\n"
            f"signer_cert = {folder}/tsa.pem\ncerts = {folder}/ca.pem\n"
            f"signer_key = {folder}/tsa.key\nsigner_digest = sha256\n"
            "default_policy = 1.2.3.4.1\ndigests = sha256, sha384, sha512\n"
            "ess_cert_id_chain = no\ness_cert_id_alg = sha256\n"
        )

    def __call__(self, request: bytes) -> tuple[str, bytes]:
        query, reply = self._folder / "query.tsq", self._folder / "reply.tsr"
        query.write_bytes(request)
        said = run(
            "openssl", "ts", "-reply", "-config", self._folder / "ts.cnf",
            "-queryfile", query, "-out", reply,
        )  # fmt: skip
        if not reply.exists():
            raise RuntimeError(said)
        answer = reply.read_bytes()
        reply.unlink()
        return "application/timestamp-reply", answer
