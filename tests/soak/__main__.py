"""Run a soak; it ends with status 1 if something was lost, unreadable, or not answered."""

import argparse
import sys

from tests.soak import backup, broker, house, load, services


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    soaks = parser.add_subparsers(dest="soak", required=True)
    of_broker = soaks.add_parser("broker", help="messages at full speed with a polling consumer beside")
    of_broker.add_argument("--messages", type=int, default=200_000)
    of_broker.add_argument(
        "--transport", default=broker.TRANSPORT, help="filesystem is kombu's own, for comparison"
    )
    of_house = soaks.add_parser("house", help="the embedded house under load, its processes killed")
    of_house.add_argument("--minutes", type=float, default=60)
    of_house.add_argument("--clients", type=int, default=8)
    of_house.add_argument("--worker-kills", type=int, default=20)
    of_house.add_argument("--beat-kills", type=int, default=5)
    of_house.add_argument("--keep", action="store_true", help="leave the data folder and the log behind")
    of_backup = soaks.add_parser("backup", help="backups while clients write, each of them restored")
    of_backup.add_argument("--copies", type=int, default=200)
    of_backup.add_argument("--clients", type=int, default=16)
    of_backup.add_argument("--postgresql", action="store_true", help="the house runs on TEST_DATABASE_URL")
    of_services = soaks.add_parser("services", help="PostgreSQL and Redis stopped, hung and wiped under load")
    of_services.add_argument("--clients", type=int, default=8)
    of_services.add_argument("--keep", action="store_true", help="leave the data and the logs behind")
    of_load = soaks.add_parser("load", help="the load of a day, most of it reading")
    of_load.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    of_load.add_argument("--minutes", type=float, default=60)
    of_load.add_argument("--clients", type=int, default=16)
    chosen = parser.parse_args()
    if chosen.soak == "broker":
        is_good = broker.soak(messages=chosen.messages, transport=chosen.transport)
    elif chosen.soak == "backup":
        is_good = backup.soak(copies=chosen.copies, clients=chosen.clients, on_postgresql=chosen.postgresql)
    elif chosen.soak == "services":
        is_good = services.soak(clients=chosen.clients, keep=chosen.keep)
    elif chosen.soak == "load":
        is_good = load.soak(engine=chosen.engine, minutes=chosen.minutes, clients=chosen.clients)
    else:
        is_good = house.soak(
            minutes=chosen.minutes,
            clients=chosen.clients,
            kills={"worker": chosen.worker_kills, "beat": chosen.beat_kills},
            keep=chosen.keep,
        )
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
