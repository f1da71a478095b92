# hi: one file of commands. `make` alone lists them.
# HI_UV=path/to/uv or uv on PATH makes the environments fast; otherwise venv + pip does.

PYTHON ?= python3
UV = $(if $(HI_UV),$(HI_UV),$(shell command -v uv 2>/dev/null))
RUN_PYTHON = .venv/bin/python
DEV_PYTHON = .venv-dev/bin/python
LAYERS = base production test dev audit docs fuzz
# A module's tests share what they start, so they stay together. Half of their time is waiting: four at once keep two
# cores at work. In which order they begin says tests/conftest.py.
IN_PARALLEL = -n 4 --dist loadfile --no-loadscope-reorder
TEST ?=
# Where the shell forbids it, each of the many processes would compile all modules anew.
export PYTHONDONTWRITEBYTECODE =
# bandit, without its warnings of answers that also stand beside what is no finding.
export INSECURE_HABITS = import logging, sys; logging.disable(logging.WARNING); from bandit.cli.main import main; sys.exit(main())

.DEFAULT_GOAL := help
.PHONY: help venv venv-dev run demo token revoke-token doctor quality hub rotate-keys new-key sign-in-link backup restore
.PHONY: move-to-postgres check audit format test test-api coverage test-containers test-real
.PHONY: chaos chaos-long chaos-beats bench-jobs bench-footprint bench-fairness bench-control bench-pages bench-sync
.PHONY: bench-media docs screenshots guide-pictures lock clean messages
.SILENT:

help: ## this list
	printf 'hi, a home hub\n\n'
	sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  make %-16s %s\n' "$$name" "$$text"; done

run: .venv/.ready ## start hi; Ctrl-C stops everything
	exec $(RUN_PYTHON) -m hi.runtime

demo: .venv/.ready ## start hi with a simulated home to look at
	exec $(RUN_PYTHON) -m hi.runtime --demo

token: .venv/.ready ## a new API token: make -s token NAME=what-for SCOPE=read, operate or admin, PERSON=whose
	exec $(RUN_PYTHON) manage.py token $(if $(SCOPE),--scope "$(SCOPE)") $(if $(PERSON),--person "$(PERSON)") "$(NAME)"

revoke-token: .venv/.ready ## end a token: make revoke-token NAME=what-for PERSON=whose
	exec $(RUN_PYTHON) manage.py revoke_token $(if $(PERSON),--person "$(PERSON)") "$(NAME)"

doctor: .venv/.ready ## what is wrong with hi, and what to do
	exec $(RUN_PYTHON) manage.py doctor

rotate-keys: .venv/.ready ## a new key for the stored passwords, while hi runs; RETIRE=yes drops the old one
	exec $(RUN_PYTHON) manage.py rotate_keys $(if $(filter yes,$(RETIRE)),--retire)

new-key: .venv/.ready ## where keys/secret.key is lost for good: hi asks for its passwords anew then
	exec $(RUN_PYTHON) manage.py new_key

quality: .venv-dev/.ready ## which of the field's rules each integration meets, and whether the tests that show it exist
	exec $(DEV_PYTHON) manage.py quality --check

hub: .venv/.ready ## the command line: make hub ARGS="list things", ARGS="--help" for the rest
	exec $(RUN_PYTHON) manage.py hub $(ARGS)

sign-in-link: .venv/.ready ## a link that signs the first administrator in, once
	exec $(RUN_PYTHON) manage.py sign_in_link

backup: .venv/.ready ## all of hi in one file, while it runs; the keys too, with HI_BACKUP_PASSPHRASE or one you type
	exec $(RUN_PYTHON) manage.py backup

restore: .venv/.ready ## put a backup in place: make restore FILE=path, with REPLACE=yes where hi is not empty
	[ -n "$(FILE)" ] || { echo "Which one? make restore FILE=path" >&2; exit 1; }
	exec $(RUN_PYTHON) manage.py restore $(if $(filter yes,$(REPLACE)),--replace) "$(FILE)"

move-to-postgres: .venv/.ready ## from SQLite to PostgreSQL: make move-to-postgres URL_FILE=path of a file with its URL
	[ -n "$(URL_FILE)" ] || { echo "Where to? make move-to-postgres URL_FILE=path" >&2; exit 1; }
	exec $(RUN_PYTHON) manage.py move_database "$(URL_FILE)"

test: .venv-dev/.ready ## all tests, the database ones on PostgreSQL too; TEST=path for some
	[ -n "$(TEST)" ] || $(DEV_PYTHON) -m tests.browser.chromium
	$(DEV_PYTHON) -m pytest $(IN_PARALLEL) -m "not real and not coverage" $(TEST)
	HI_TEST_POSTGRES=1 $(DEV_PYTHON) -m pytest $(IN_PARALLEL) -m "database" $(TEST) || [ $$? = 5 -a -n "$(TEST)" ]

test-api: .venv-fuzz/.ready ## requests nobody thought of, by each role, against a running hub: MAX_EXAMPLES=10 SEED=1 CALLERS=
	MAX_EXAMPLES=$(MAX_EXAMPLES) SEED=$(SEED) CALLERS=$(CALLERS) .venv-fuzz/bin/python -m tests.fuzz

coverage: .venv-dev/.ready ## how much of each integration in hi's tree its tests run, in two minutes
	$(DEV_PYTHON) -m pytest -q -s -m coverage tests/services

test-containers: .venv-dev/.ready ## the end-to-end tests with each process in a container; needs a Docker engine
	! docker info >/dev/null 2>&1 || docker build -q -t hi-test .
	HI_TEST_CONTAINERS=1 $(DEV_PYTHON) -m pytest \
		$(or $(TEST),tests/e2e/test_main_thread.py tests/e2e/test_plugs.py tests/e2e/test_trouble.py tests/e2e/test_compose.py)

test-real: .venv-dev/.ready ## against a real server: see docs/settings.md
	$(DEV_PYTHON) -m pytest -m real $(TEST)

chaos: .venv-dev/.ready ## pull every plug at random: SEED=, FAULTS=40, DATABASE=sqlite or postgres
	SEED=$(SEED) FAULTS=$(FAULTS) DATABASE=$(DATABASE) $(DEV_PYTHON) -m tests.chaos

chaos-long: .venv-dev/.ready ## the same with one seed after the other, for MINUTES=60
	SEED=$(SEED) FAULTS=$(FAULTS) DATABASE=$(DATABASE) MINUTES=$(or $(MINUTES),60) $(DEV_PYTHON) -m tests.chaos

chaos-beats: .venv-dev/.ready ## two beats for three minutes, whichever leads killed twice: no slot twice, none lost
	SEED=$(SEED) DATABASE=$(DATABASE) $(DEV_PYTHON) -m tests.chaos.beats

bench-jobs: .venv-dev/.ready ## what a job costs, on both databases, as JSON lines
	$(DEV_PYTHON) -m bench.jobs $(if $(JOBS),--jobs $(JOBS))

bench-footprint: .venv-dev/.ready ## what all of hi takes of the machine, as JSON; SECONDS=300
	$(DEV_PYTHON) -m bench.footprint $(if $(SECONDS),--seconds $(SECONDS))

bench-fairness: .venv-dev/.ready ## whether sick systems or a long queue hold up the rest, as JSON; SECONDS=240
	$(DEV_PYTHON) -m bench.fairness $(if $(SECONDS),--seconds $(SECONDS))

bench-control: .venv-dev/.ready ## how long from a click until a light is on, behind a long queue, as JSON; COMMANDS=100 REAL=1
	$(DEV_PYTHON) -m bench.control $(if $(COMMANDS),--commands $(COMMANDS)) $(if $(REAL),--real)

bench-pages: .venv-dev/.ready ## how long each page takes over 20,000 entities, on both databases, as JSON lines
	$(DEV_PYTHON) -m bench.pages $(if $(ENTITIES),--entities $(ENTITIES))

bench-media: .venv-dev/.ready ## whether ten people who watch cameras slow down pages, as JSON
	$(DEV_PYTHON) -m bench.media

bench-sync: .venv-dev/.ready ## what a sync costs at 5,000 and 20,000 entities, on both databases, as JSON lines
	$(DEV_PYTHON) -m bench.sync $(if $(ENTITIES),--entities $(ENTITIES))

check: .venv-dev/.ready docs ## format, lint, types, import contracts, missing migrations, insecure habits, the docs' links
	$(DEV_PYTHON) -m ruff format --check .
	$(DEV_PYTHON) -m ruff check .
	$(DEV_PYTHON) -m mypy
	$(DEV_PYTHON) -c 'import sys; from importlinter.cli import lint_imports_command as run; sys.exit(run())'
	DJANGO_SETTINGS_MODULE=hi.settings.test $(DEV_PYTHON) manage.py makemigrations --check --dry-run
	$(DEV_PYTHON) -c "$$INSECURE_HABITS" -c pyproject.toml --recursive --quiet hi celeryconfig.py manage.py

audit: .venv-audit/.ready ## whether a pinned package has a known weakness; asks the network, fails if one cannot be asked about
	for layer in $(LAYERS); do \
		.venv-audit/bin/python -m pip_audit --strict --require-hashes --disable-pip --progress-spinner off \
			-r requirements/$$layer.txt || exit 1; done

format: .venv-dev/.ready ## put the code into the house format
	$(DEV_PYTHON) -m ruff check --fix-only --quiet .
	$(DEV_PYTHON) -m ruff format .

messages: .venv-dev/.ready ## collect the texts to translate, and compile what is translated: LOCALE=de begins a language
	command -v xgettext >/dev/null && command -v msgmerge >/dev/null && command -v msgfmt >/dev/null || { \
		echo "make messages needs GNU gettext's tools (Debian and Ubuntu: apt install gettext)." >&2; exit 1; }
	mkdir -p hi/locale
	cd hi && export DJANGO_SETTINGS_MODULE=hi.settings.test && \
		../$(DEV_PYTHON) ../manage.py makemessages --add-location file $(if $(LOCALE),--locale $(LOCALE),--all) && \
		../$(DEV_PYTHON) ../manage.py compilemessages

docs: .venv-docs/.ready ## the site of docs/, into site/html; a warning fails
	.venv-docs/bin/python scripts/docs_site.py

screenshots: .venv-dev/.ready ## the README's pictures, of a running `make demo` in a real browser
	$(DEV_PYTHON) scripts/screenshots.py

guide-pictures: .venv-dev/.ready ## the user guide's own pictures, of a hub that is started for them
	$(DEV_PYTHON) -m scripts.guide_pictures

venv: .venv/.ready ## the environment that hi runs in
venv-dev: .venv-dev/.ready ## the one for checks and tests

.venv/.ready: requirements/production.txt
	$(call environment,.venv,requirements/production.txt)

.venv-dev/.ready: requirements/dev.txt
	$(call environment,.venv-dev,requirements/dev.txt)

.venv-fuzz/.ready: requirements/fuzz.txt
	$(call environment,.venv-fuzz,requirements/fuzz.txt)

.venv-audit/.ready: requirements/audit.txt
	$(call environment,.venv-audit,requirements/audit.txt)

.venv-docs/.ready: requirements/docs.txt
	$(call environment,.venv-docs,requirements/docs.txt)

# Everything goes to standard error: `make -s token` prints a token and nothing else.
define environment
	exec 1>&2; set -e; \
	if [ -L $(1) ]; then echo "$(1) is a link to another checkout's environment: remove the link first."; exit 1; fi; \
	if [ -n "$(UV)" ]; then \
		echo "Making $(1) with uv …"; \
		$(UV) venv --quiet --allow-existing --python $(PYTHON) $(1); \
		$(UV) pip sync --quiet --compile-bytecode --require-hashes --python $(1)/bin/python $(2); \
	else \
		command -v $(PYTHON) >/dev/null || { echo "hi needs Python 3.11 or newer, and there is no $(PYTHON)."; exit 1; }; \
		$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
			echo "hi needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Choose one: make PYTHON=python3.12 …"; exit 1; }; \
		$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
			echo "This Python lacks venv: install it (Debian and Ubuntu: apt install python3-venv), or uv."; exit 1; }; \
		echo "Making $(1) with pip; this takes a minute …"; \
		$(PYTHON) -m venv --clear $(1); \
		$(1)/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r $(2); \
	fi; \
	touch $(1)/.ready
endef

lock: ## pin the requirements anew, newest versions first
	[ -n "$(UV)" ] || { echo "make lock needs uv, on PATH or as HI_UV." >&2; exit 1; }
	cd requirements && for layer in $(LAYERS); do \
		$(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
			--no-header -p 3.11 $$layer.in -o $$layer.txt || exit 1; done

clean: ## remove the environments and caches, never the data
	rm -rf .venv .venv-dev .venv-audit .venv-docs .venv-fuzz site .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
