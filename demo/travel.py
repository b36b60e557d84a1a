"""Wayfarer, a sample travel app in English: flights, hotels and bookings.

Its declaration (data/travel.yaml) speaks of names, dates of birth and contact details. What it leaves out: it takes
passport numbers and returns them, and its answers carry an internal trace and the customer's number.
Everybody in it is fictitious. `python -m douane.demo.travel --port PORT`
"""

from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp_types import CallToolResult, ElicitRequest, ElicitRequestFormParams, ElicitResult, InputRequiredResult
from mcp_types import ToolAnnotations as Hints
from pydantic import Field

from douane.demo.serving import Record, answer, port_from_arguments, serve

server = MCPServer(
    "wayfarer-travel",
    title="Wayfarer",
    version="3.2.0",
    instructions="Search flights and hotels, then book. Ask for the travellers' names as in their travel documents.",
    log_level="WARNING",
)

SEARCH = Hints(read_only_hint=True, destructive_hint=False, open_world_hint=False)
FARES = {"WF-1204": ("Air Example", "07:40", 148), "WF-1877": ("Fictional Airways", "18:05", 119)}
ROOMS = {"HT-31": ("Hotel Exemplo, Alfama", 132), "HT-58": ("Casa de Amostra, Chiado", 96)}
TRAVEL_DOCUMENTS = {"Whitfield": "925665416", "Okafor": "533401372", "Lindqvist": "AA4027815"}


class Passenger(Record):
    """One traveller."""

    given_name: Annotated[str, Field(description="Given name of the traveller")]
    family_name: Annotated[str, Field(description="Family name of the traveller")]
    date_of_birth: Annotated[str, Field(description="Date of birth, YYYY-MM-DD")]


class FlightOffers(Record):
    offers: list[dict[str, Any]]


class HotelOffers(Record):
    hotels: list[dict[str, Any]]


class BookedPassenger(Record):
    given_name: Annotated[str, Field(description="Given name")]
    family_name: Annotated[str, Field(description="Family name")]


class Booking(Record):
    reference: str
    status: str
    passengers: list[BookedPassenger]
    contact_email: Annotated[str, Field(description="E-mail address that the tickets go to")]


@server.tool(title="Search flights", annotations=SEARCH)
def search_flights(
    origin: str, destination: str, departure_date: str, travellers: int = 1
) -> Annotated[CallToolResult, FlightOffers]:
    """Find flights between two cities."""
    offers = [
        {"offer_id": key, "airline": airline, "departs": f"{departure_date}T{time}", "price_eur": price * travellers}
        for key, (airline, time, price) in FARES.items()
    ]
    return answer(f"{len(offers)} flights from {origin} to {destination}.", {"offers": offers})


@server.tool(title="Search hotels", annotations=SEARCH)
def search_hotels(city: str, check_in: str, nights: int, guests: int = 2) -> Annotated[CallToolResult, HotelOffers]:
    """Find hotels in a city."""
    hotels = [{"hotel_id": key, "hotel": name, "night_eur": price} for key, (name, price) in ROOMS.items()]
    stay = f"{nights} nights from {check_in} for {guests}"
    return answer(f"{len(hotels)} hotels in {city}, {stay}.", {"hotels": hotels})


@server.tool(title="Book a flight", annotations=Hints(read_only_hint=False, destructive_hint=False))
def book_flight(
    ctx: Context,
    offer_id: str,
    passengers: list[Passenger],
    contact_email: Annotated[str, Field(description="E-mail address for the tickets")],
    contact_phone: Annotated[str, Field(description="Phone number for changes of schedule")] = "",
) -> Annotated[CallToolResult, Booking] | InputRequiredResult:
    """Book an offer for the named travellers."""
    given = (ctx.input_responses or {}).get("contact_phone")
    declined = isinstance(given, ElicitResult) and given.action != "accept"
    if not contact_phone and given is None and ctx.protocol_version == "2026-07-28":
        return InputRequiredResult(input_requests={"contact_phone": ask_for_a_phone_number()})
    airline = FARES.get(offer_id, ("Air Example", "", 0))[0]
    booked = [
        {
            "given_name": passenger.given_name,
            "family_name": passenger.family_name,
            "passport_number": TRAVEL_DOCUMENTS.get(passenger.family_name, "X0000000"),
        }
        for passenger in passengers
    ]
    return answer(
        f"Booked with {airline}{'' if declined else ', changes of schedule come by text message'}.",
        {
            "reference": "QX7M2P",
            "status": "confirmed",
            "passengers": booked,
            "contact_email": contact_email,
            "debug": {"trace_id": "00-4bf92f3577b34da6a3ce929d0e0e4736-00", "customer_id": "CUST-0048213"},
        },
    )


def ask_for_a_phone_number() -> ElicitRequest:
    """The form that a booking without a phone number answers with."""
    return ElicitRequest(
        params=ElicitRequestFormParams(
            message="Which phone number should we text if the schedule changes?",
            requested_schema={
                "type": "object",
                "properties": {"phone": {"type": "string", "title": "Phone number"}},
                "required": ["phone"],
            },
        )
    )


if __name__ == "__main__":
    # stateless: ChatGPT keeps no Mcp-Session-Id
    serve({port_from_arguments(__doc__): server.streamable_http_app(stateless_http=True)})
