"""A client for RFC 3161 time-stamp servers."""

from __future__ import annotations

from dataclasses import dataclass

from asn1crypto import cms
from pyhanko.sign.timestamps.aiohttp_client import HTTPTimeStamper

from outreach_merge.sign.signing_errors import TimestampUnavailable


@dataclass(frozen=True, slots=True)
class TimestampServer:
    """An RFC 3161 server.

    :param timeout: seconds to wait for a response.
    """

    url: str
    timeout: float = 10.0


class TimeStamper(HTTPTimeStamper):
    """pyHanko's client, with our errors and a check that the response is about the signature."""

    def __init__(self, server: TimestampServer) -> None:
        super().__init__(server.url, timeout=server.timeout)
        self._server = server

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        try:
            token = await super().async_timestamp(message_digest, md_algorithm)
            imprint = token["content"]["encap_content_info"]["content"].parsed["message_imprint"]
            stamped = imprint["hashed_message"].native
        except TimeoutError:
            raise self._unavailable(f"did not answer within {self._server.timeout:g} s") from None
        except OSError as error:
            reason = error.__cause__ or error
            if isinstance(reason, TimeoutError):
                said = f"did not answer within {self._server.timeout:g} s"
            else:
                said = f"did not stamp: {reason}"
            raise self._unavailable(said) from None
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise self._unavailable(f"sent no time stamp: {error}") from None
        if stamped != message_digest:
            raise self._unavailable("sent the time stamp of something else")
        return token

    def _unavailable(self, said: str) -> TimestampUnavailable:
        return TimestampUnavailable(
            f"the time-stamp server {self._server.url} {said}",
            "The letter is not signed. Try again later, or take timestamp_url out of "
            "campaign.toml to sign without a time stamp.",
        )
