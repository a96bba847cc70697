"""The truth by construction: what two items share decides their relevance, and no model is asked."""
from items import Item

VERSION = "1"
NOTE = ("SYNTHETIC items: relevance follows from how the items were made, not from a person's or a model's "
        "judgement. 3 = same template, other wording and numbers; 2 = same concept, another template; "
        "1 = same unit. Every pair of the 100 items is judged; what is not listed is irrelevant.")


def relevance(query: Item, item: Item) -> int:
    """3, 2, 1 or 0: the same template, the same concept, the same chapter, or nothing shared."""
    if query.template is item.template:
        return 3
    if query.concept is item.concept:
        return 2
    return int(query.chapter is item.chapter)


def ground_truth(items: list[Item]) -> dict:
    """ground_truth.json for the judged items: every item is a query, the best first, ties by id."""
    return {
        "provenance": {"method": "construction", "judge": f"generator v{VERSION}", "pools": [],
                       "date": "2026-11-20", "note": NOTE, "shown": "all pairs"},
        "queries": [_query(n, query, items) for n, query in enumerate(items, 1)],
    }


def _query(number: int, query: Item, items: list[Item]) -> dict:
    judged = [{"id": item.id, "relevance": relevance(query, item)} for item in items if item is not query]
    relevant = [row for row in judged if row["relevance"]]
    relevant.sort(key=lambda row: (-row["relevance"], row["id"]))
    return {"query_id": f"Q{number:03d}", "source_item_id": query.id, "query_type": "similar_item",
            "relevant_items": relevant}
