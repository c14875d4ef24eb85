"""What each goal of a schedule costs the others: ask for it, read it, end it early."""

from fastapi import APIRouter, Request, Response

from app.accounts.guard import Editor, Reader
from app.core.db import ReadSession, WriteSession, database
from app.core.http import PathId, problems
from app.schedules import service
from app.schedules.price_schemas import PricesNew, PricesView, show_prices
from app.schedules.queue import enqueue_prices

router = APIRouter(prefix="/api/v1/schedules/{schedule_id}/prices", tags=["schedules"])


@router.post("", status_code=202, responses=problems(401, 403, 404, 409))
def ask_for_prices(
    schedule_id: PathId, body: PricesNew, request: Request, response: Response, actor: Editor
) -> PricesView:
    """Ask what each goal of a planned week costs: continuity, wished times, an even load …

    A worker searches the week again without each goal, which takes minutes, gives way to whoever asks for a week
    meanwhile, and goes on afterwards. Asked again, it prices the goals that have no price yet, or all anew.
    """
    # Not `WriteSession`: the job may only be enqueued when its row is committed.
    with database(request).write() as session:
        schedule, asked = service.ask_for_prices(session, actor, schedule_id, body.iterations)
        view = show_prices(asked, schedule)
    enqueue_prices(request, asked)
    response.headers["Location"] = f"/api/v1/schedules/{schedule_id}/prices"
    return view


@router.get("", responses=problems(401, 403, 404))
def read_prices(schedule_id: PathId, session: ReadSession, actor: Reader) -> PricesView:
    """Read what each goal costs, as far as it is found: for those who may see all of the schedule's towns."""
    schedule, asked = service.prices_of(session, actor, schedule_id)
    return show_prices(asked, schedule)


@router.delete("", responses=problems(401, 403, 404, 409))
def end_prices(schedule_id: PathId, session: WriteSession, actor: Editor) -> PricesView:
    """End a pricing early; the goals that are priced stay."""
    schedule, asked = service.end_prices(session, actor, schedule_id)
    session.flush()
    return show_prices(asked, schedule)
