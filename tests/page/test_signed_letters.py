"""Letters that were really signed are still archivable and accessible."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from folders import CampaignFolder
from judges import require
from judges.verapdf import validate

PASSPHRASE = "only-a-sample"
SIGNED = ("presidential", "ipu-joint", "welcome")
KEYS = """
[signing]
trust = ["pki/specimen-authority.pem"]

[signing.keys.president]
key = "pki/president.p12"

[signing.keys.conference]
key = "pki/conference.p12"

[signing.keys.ipu]
key = "pki/ipu.p12"
"""


@pytest.mark.slow
def test_validators_pass_the_whole_sample_signed(
    copy_of_sample: Callable[[], CampaignFolder], monkeypatch: pytest.MonkeyPatch
) -> None:
    require("verapdf")
    folder = copy_of_sample()
    for letter in SIGNED:
        folder.replace(
            f"letters/{letter}.toml", 'signature = "image"', 'signature = "image+digital"'
        )
    monkeypatch.setenv("OUTREACH_PASSPHRASE", PASSPHRASE)
    folder.ok("pki", "specimen")
    folder.write("campaign.toml", folder.read("campaign.toml") + KEYS)
    monkeypatch.setenv("OUTREACH_PASSPHRASE", PASSPHRASE)
    folder.ok("generate", *SIGNED, "--sign")
    letters = [path for path in folder.pdfs() if "courtesy" not in path.stem]
    assert len(letters) > 140
    assert all(b"/ByteRange" in path.read_bytes() for path in letters)
    assert {path: rules for path, rules in validate(letters).items() if rules} == {}
