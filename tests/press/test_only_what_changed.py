"""What ``generate`` leaves alone, makes again, and takes away."""

from __future__ import annotations

import json
from collections.abc import Callable

from folders import CampaignFolder

MakeCampaign = Callable[..., CampaignFolder]
TWO = ({"state": "KEN", "name": "Uhuru Kenyatta", "gender": "m"}, {"state": "FJI"})
TEMPLATE = "templates/invitation/en.html"


def test_a_template_that_leaves_the_page_as_it_was_makes_nothing(
    make_campaign: MakeCampaign,
) -> None:
    campaign = make_campaign(*TWO)
    campaign.ok("generate")
    events = campaign.log("events")
    campaign.replace(TEMPLATE, "{% block body %}", "{# a remark #}{% block body %}")
    assert "0 made, 2 unchanged" in campaign.ok("generate").out
    assert campaign.log("events") == events, "nothing happened to the letters"
    remembered = json.loads(campaign.file("output/.unchanged.json").read_text())
    assert len(remembered) == 2
    assert "0 made, 2 unchanged" in campaign.ok("generate").out
    campaign.replace(TEMPLATE, "honour", "great honour")
    assert "2 made, 0 unchanged" in campaign.ok("generate").out


def test_the_cache_may_be_removed_or_broken(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(*TWO)
    campaign.ok("generate")
    campaign.replace(TEMPLATE, "{% block body %}", "{# a remark #}{% block body %}")
    campaign.ok("generate")
    cache = campaign.file("output/.unchanged.json")
    for content in ("", "[]", '{"x": 3}'):
        cache.write_text(content)
        assert "0 made, 2 unchanged" in campaign.ok("generate").out
    cache.unlink()
    assert "0 made, 2 unchanged" in campaign.ok("generate").out


def test_a_cached_letter_that_was_changed_by_hand_is_noticed(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(*TWO)
    campaign.ok("generate")
    campaign.replace(TEMPLATE, "{% block body %}", "{# a remark #}{% block body %}")
    campaign.ok("generate")
    path = campaign.pdfs()[0]
    path.write_bytes(path.read_bytes() + b"\n% changed")
    assert "1 held back" in campaign("generate").out


def test_a_removed_recipient_leaves_no_letter_behind(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(*TWO)
    campaign.ok("generate")
    campaign.rows(TWO[0])
    done = campaign.ok("generate")
    assert "1 withdrawn" in done.out
    assert "FJI-head_of_state is no longer a recipient" in done.out
    assert [path.name for path in campaign.pdfs()] == ["KEN-head_of_state-en.pdf"]
    standing = {row["recipient"]: row["standing"] for row in campaign.log()}
    assert standing["FJI-head_of_state"] == "withdrawn"
    assert campaign.ok("log", "verify", "--files").code == 0
    assert "withdrawn" not in campaign.ok("generate").out


def test_a_filter_says_nothing_of_the_others(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(*TWO)
    campaign.ok("generate")
    campaign.rows(TWO[0])
    assert "withdrawn" not in campaign.ok("generate", "--state", "KEN").out
    assert "withdrawn" not in campaign.ok("generate", "--limit", "1").out
    assert len(campaign.pdfs()) == 2


def test_what_left_the_office_stays(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(*TWO)
    campaign.ok("generate")
    campaign.ok("log", "record", "dispatched", "invitation", "FJI", "--yes")
    campaign.rows(TWO[0])
    assert "withdrawn" not in campaign.ok("generate").out
    assert len(campaign.pdfs()) == 2


def test_what_was_approved_or_changed_by_hand_stays(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(*TWO, {"state": "NAM"})
    campaign.ok("generate")
    campaign.ok("log", "record", "approved", "invitation", "FJI", "--yes")
    path = next(path for path in campaign.pdfs() if path.name.startswith("NAM"))
    path.write_bytes(path.read_bytes() + b"\n% somebody's remark")
    campaign.rows(TWO[0])
    assert "withdrawn" not in campaign.ok("generate").out
    assert len(campaign.pdfs()) == 3


def test_a_recipient_on_hold_keeps_its_letter(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(*TWO)
    campaign.ok("generate")
    campaign.rows(TWO[0], {**TWO[1], "hold": "to be asked first"})
    assert "withdrawn" not in campaign.ok("generate").out
    assert len(campaign.pdfs()) == 2


def test_a_recipient_that_comes_back_gets_its_letter_again(make_campaign: MakeCampaign) -> None:
    campaign = make_campaign(*TWO)
    campaign.ok("generate")
    campaign.rows(TWO[0])
    campaign.ok("generate")
    campaign.rows(*TWO)
    assert "1 made, 1 unchanged" in campaign.ok("generate").out
    assert len(campaign.pdfs()) == 2
    assert {row["standing"] for row in campaign.log()} == {"generated"}
    assert "0 made, 2 unchanged" in campaign.ok("generate").out
    campaign.ok("log", "record", "dispatched", "invitation", "FJI", "--yes")
