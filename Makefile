.DEFAULT_GOAL := help

TOOL := go tool -modfile=.github/tools.mod
LINT := -c .github/golangci.yml

.PHONY: check
check: lint test race verify ## Everything CI runs.

.PHONY: build
build: ## Build bin/guard.
	go build -trimpath -o bin/guard ./cmd/guard

.PHONY: test
test: ## Run every test, Go and Rego.
	go test -shuffle=on ./...

.PHONY: e2e
e2e: ## Run a real API server, etcd, controller manager and Gatekeeper, and ask them everything (minutes; Linux).
	cd e2e && go vet ./... && go test -count=1 -parallel 6 -timeout 60m

.PHONY: minors
minors: ## Ask every case in the OPA of each supported Gatekeeper minor, and want the same answers.
	@answers=$$(mktemp -d) && trap 'rm -rf "$$answers"' EXIT && cd e2e/parity && \
	PARITY_ANSWERS=$$answers/newest go test -count=1 ./... && \
	for opa in 1.13.2 1.10.0; do \
		PARITY_OPA=$$opa PARITY_ANSWERS=$$answers/$$opa go test -count=1 -modfile=opa-$$opa.mod ./... && \
		diff -r "$$answers/newest" "$$answers/$$opa" || exit 1; \
	done

.PHONY: race
race: ## Run the tests of the engine and the command line under the race detector (needs a C compiler).
	go test -race ./engine/... ./cmd/...

.PHONY: lint
lint: ## Lint Go and Rego; formatting included.
	$(TOOL) golangci-lint run $(LINT)
	$(TOOL) opa check --strict --capabilities v1.10.0 policies
	$(TOOL) opa fmt --list --fail policies

.PHONY: fmt
fmt: ## Format Go and Rego.
	$(TOOL) golangci-lint fmt $(LINT)
	$(TOOL) opa fmt --write policies

.PHONY: generate
generate: ## Write bundle/ from the policies.
	go run ./cmd/guard bundle build --out bundle

.PHONY: verify
verify: generate ## Fail when generated files, expectations or go.mod are stale; git add your change first.
	GUARD_UPDATE=1 go test ./policies ./engine/report ./cmd/guard
	go mod tidy -diff
	cd e2e && go mod tidy -diff
	cd e2e/parity && go mod tidy -diff
	git diff --exit-code
	@new=$$(git ls-files --others --exclude-standard); \
	if [ -n "$$new" ]; then printf 'not in git:\n%s\n' "$$new" >&2; exit 1; fi

.PHONY: bench
bench: ## Measure evaluation against Gatekeeper's own driver, and over growing inputs.
	go test -run '^$$' -bench . -benchmem ./...

.PHONY: bench-admission
bench-admission: ## Measure what each policy costs at admission, in Gatekeeper's engine (Linux, minutes).
	go test -tags admission -run '^TestAdmissionCost$$' -count 1 -timeout 20m ./policies

.PHONY: cover
cover: ## Show what the tests reach of the engine.
	go test -coverprofile=cover.out ./engine/... && go tool cover -func=cover.out

.PHONY: help
help: ## This list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
