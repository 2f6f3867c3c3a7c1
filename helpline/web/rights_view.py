"""What the pages show of a rights result: the same parts for the public page and for the panel beside a contact."""

from typing import Any

from helpline.desk.house import House
from helpline.guidance.rights import RightsResult


def found_part(result: RightsResult, *, house: House, language: str) -> dict[str, Any]:
    """What `rights_found.html` needs. `language` (nb, nn or en) is that of the rights.

    What the person came for is shown in full; what applies besides is closed until somebody opens it.
    """
    question = house.rights.questionnaire.question
    return {
        "result": result,
        "told_in": language,
        "asked_for": [right for right in result.applies if result.asked_for(right)],
        "also": [right for right in result.applies if not result.asked_for(right)],
        "open_rights": [
            (one.right, [question(name).ask[language] for name in one.depends_on]) for one in result.may_apply
        ],
    }
