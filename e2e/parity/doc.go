// Package parity asks every case of every policy in the engines of the Gatekeeper minors that guard supports: the
// templates of bundle/gatekeeper as they are committed, in the constraint framework's Rego driver behind Gatekeeper's
// validation target. What is said is compared with the case's want, and between the minors in every detail.
//
// It is a module of its own and does not import guard, whose requirements would raise the older versions. make minors
// runs it once with each of
//
//	go.mod           Gatekeeper 3.23 with its own framework, target and OPA
//	opa-1.13.2.mod   the OPA of Gatekeeper 3.22, below the framework and the target of 3.23
//	opa-1.10.0.mod   the OPA of Gatekeeper 3.21, likewise
//
// by go test -modfile. The older two replace OPA alone: parser, compiler, built-in functions and evaluation are what
// is measured there; the minor's own framework and target are not. To measure these too, require
// github.com/open-policy-agent/gatekeeper/v3 of that minor in the file and drop the replacement, where a module proxy
// serves it; the tests stay as they are.
//
// What differs between the minors, in the sources of 3.21.1, 3.22.2 and 3.23.0, as far as a policy can notice:
//
//   - Framework: 3.21 does not send input.review.namespaceObject. A policy that read it would be silent there, so
//     none may. Nothing else differs in the client, the driver and the check of the Rego.
//   - Target: the same in 3.21 and 3.22. In 3.23 a review of what an ExpansionTemplate makes has the operation of the
//     request that made it; before, it had none and was asked as a state.
//   - OPA: template strings ($"...") are not known to 1.10, so no policy may have them.
//   - CRD: templates.gatekeeper.sh/v1alpha1 refuses every operations list in 3.21 and 3.22, because the enum stands
//     on the list in place of its items. v1, which the bundle is written in, takes it.
package parity
