# One command a verb. Each does everything on a fresh clone: .venv, locked dependencies, browser, font.
# Where there is no make: python packaging/bootstrap.py demo
PYTHON ?= python3
BOOTSTRAP = $(PYTHON) packaging/bootstrap.py

.PHONY: help install demo test test-long check messages picture reference chaos strangers passk bench bench-check bench-start bench-sync bench-accounts bench-time bench-soak bench-cluster breaks smoke consoles lock clean

help:      ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## */\t/'

install:   ## .venv, dependencies, browser, font
	$(BOOTSTRAP) install

demo:      ## cancels orders at the practice consoles and shows the proof
	$(BOOTSTRAP) demo $(ARGS)

test:      ## the tests, in a real browser, but for the long ones: make test ARGS="-k ledger"
	$(BOOTSTRAP) test $(ARGS)

test-long: ## the other tests, of more than five seconds each: whole days, kills, every fault
	$(BOOTSTRAP) test-long $(ARGS)

check:     ## format, lint, types, direction of imports, translations, house rules
	$(BOOTSTRAP) check

messages:  ## what code and profiles say into agent/domain/locale and selectors/locale, to be translated there
	$(BOOTSTRAP) messages

picture:   ## draws docs/figures/order-way.svg, an order's way, from the code
	$(BOOTSTRAP) picture

reference: ## writes docs/reference.md, commands and settings, from the program
	$(BOOTSTRAP) reference

# The long ones. WRITE=1 puts their figures into docs/reliability.md.
chaos:     ## every fault and random kills, judged by the truth log: make chaos ORDERS=300 KILLS=30 SEED=1
	ORDERS="$(or $(ORDERS),60)" KILLS="$(or $(KILLS),8)" SEED="$(or $(SEED),1)" $(BOOTSTRAP) chaos

strangers: ## orders at consoles drawn from seeds, which the product has never seen: make strangers N=60 SEED=1
	N="$(or $(N),60)" SEED="$(or $(SEED),1)" JOBS="$(or $(JOBS),2)" $(BOOTSTRAP) strangers $(ARGS)

chaos-cluster: ## the same by workers on one PostgreSQL, killed, stopped, the database restarted: ORDERS=200 KILLS=15
	ORDERS="$(or $(ORDERS),200)" ACCOUNTS="$(or $(ACCOUNTS),20)" WORKERS="$(or $(WORKERS),3)" KILLS="$(or $(KILLS),15)" SEED="$(or $(SEED),1)" $(BOOTSTRAP) chaos-cluster

passk:     ## the same journeys again and again, healthy and under faults: make passk K=8
	K="$(or $(K),8)" $(BOOTSTRAP) passk

bench:     ## seconds an order beside bare scripts, in turn: make bench ROUNDS=5 ORDERS=6
	ROUNDS="$(or $(ROUNDS),5)" ORDERS="$(or $(ORDERS),6)" $(BOOTSTRAP) bench

bench-check: ## the same, and exit 1 where a ratio that was reached is missed by more than 15 %
	CHECK=1 ROUNDS="$(or $(ROUNDS),3)" ORDERS="$(or $(ORDERS),6)" $(BOOTSTRAP) bench

bench-start: ## what a start costs, with an empty ledger and with 100,000 orders in it
	TRIES="$(or $(TRIES),7)" $(BOOTSTRAP) bench-start

bench-sync: ## 1,000 pending orders read back: page loads by the console's count, and the ledger's part
	ORDERS="$(or $(ORDERS),1000)" $(BOOTSTRAP) bench-sync

bench-accounts: ## 1 to 8 accounts side by side, beside a bare script with as many contexts: CPU and memory by part
	ACCOUNTS="$(or $(ACCOUNTS),1 2 4 8)" ORDERS="$(or $(ORDERS),4)" ROUNDS="$(or $(ROUNDS),3)" $(BOOTSTRAP) bench-accounts

bench-time: ## where an order's seconds go: site, browser, pictures, ledger, us
	ORDERS="$(or $(ORDERS),8)" $(BOOTSTRAP) bench-time

bench-soak: ## many orders in one run: does memory grow, is anything left open: make bench-soak ORDERS=500
	ORDERS="$(or $(ORDERS),500)" $(BOOTSTRAP) bench-soak

bench-cluster: ## workers without browsers, real engine and ledger: make bench-cluster ACCOUNTS=500 ORDERS=2000
	ACCOUNTS="$(or $(ACCOUNTS),500)" ORDERS="$(or $(ORDERS),2000)" WORKERS="$(or $(WORKERS),2)" AT_ONCE="$(or $(AT_ONCE),25)" $(BOOTSTRAP) bench-cluster

breaks:    ## breaks each guarantee on purpose in a copy, and names the tests that fail
	$(BOOTSTRAP) breaks $(ARGS)

smoke:     ## the short journeys against the accounts that the environment names, else the practice consoles
	$(BOOTSTRAP) smoke $(ARGS)

consoles:  ## serves the practice consoles for a person to click through
	$(BOOTSTRAP) consoles $(ARGS)

lock:      ## writes packaging/requirements.lock anew: make lock ARGS=--upgrade
	$(BOOTSTRAP) lock $(ARGS)

clean:     ## removes what the other verbs made
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist build demo test-results
