// Package engine asks data-protection policies about Kubernetes objects: manifests as they stand, or the change
// from one set of manifests to another.
//
// The flow is one line: source reads objects (source/discover finds out which folders are charts, for source/helm, and
// kustomizations, for source/kustomize; source/git writes what a revision held to a temporary folder, source/cluster asks an
// API server), inventory builds the world that they live in, review makes questions of them, eval asks the policies, finding
// gives the answers a place and an identity, report prints them. config is what a team has settled in .guard.yaml. gatekeeper is a side branch: it writes the same policies for a cluster, and gatekeeper/doctor looks
// The flow is one line: source reads objects (source/cluster from an API server, source/snapshot from a file that keeps
// one, both without what source/redact takes for a secret), inventory builds the world that they
// The flow is one line: source reads objects (source/cluster from an API server, source/helm from a chart), inventory builds the world that they
// live in, review makes questions of them, eval asks the policies, finding gives the answers a place and an identity,
// report prints them. gatekeeper is a side branch: it writes the same policies for a cluster, and gatekeeper/doctor looks
// whether they can fire there. policytest makes questions of the policies' cases.
//
// Decisions that are not obvious from the code:
//
//   - Policies see what Gatekeeper would show them and nothing else, so that CI and cluster give one verdict.
//   - Values are read with the API server's YAML library; places are found in a second, lazy pass over the text with a
//     library that keeps positions. Most documents have no finding and are parsed once.
//   - Library rules that depend on the world alone are evaluated once a world and handed to every query through OPA's
//     virtual cache, so an index over all claims costs the same for one Deployment as for ten thousand. What depends on
//     the review as well, but on no parameter, is evaluated once a review: the policies about workloads ask the same
//     things first. eval/shared.go finds both by looking at what the rules read; the Rego knows nothing of it.
//   - On an UPDATE, and with a base, a finding is no news when there was one at the same field that was as bad or worse:
//     who improves a bad object is not told that it is bad.
//   - A foreign constraint has no severity: deny counts as high, warn as medium, the rest as info.
//   - Files that are named one by one are one world, each folder is its own: a shell's *.yaml must behave like a folder.
//   - With a base, worlds are compared in pairs: the same chart with the same set of values, the same kustomization, the
//     same folder; where base is a folder of another name, by the name below it, and all manifests are one world then. What
//     is gone from one world and new in another is one object whose files moved. A rename is a DELETE and a CREATE, as a
//     cluster would be asked, and the report names the other half of the pair.
//   - Charts are rendered with Helm's packages below its commands, so that no client of a cluster or registry is linked in. A
//     chart is rendered twice: what differs between the renders is random and no change, and the second render carries marks
//     by which a line is told the template's line that made it. A line that cannot be proven is not told.
//   - A revision is read with git itself and written to a temporary folder: charts and kustomizations need files. No filter,
//     hook or attribute is applied, and nothing is fetched; what a clone lacks is an error that says what to run.
//   - In a chart's folder only what Helm reads and what is a chart or kustomization of its own is read; other YAML there is
//     told as skipped.
//   - With a base, .guard.yaml is read from base, and exemptions that only head has do not count: a change does not silence
//     itself. What head changes of the rules is told, and counts after the merge.
//   - A kustomization is built as kubectl does it, and nothing is added to it: kustomize's own trace of origins is an annotation that
//     changes what patches do. Where a field comes from is found afterwards, by what the texts say and the field is.
//   - kustomize decides while it builds whether it fetches something, so all that it would read is looked at before.
//   - Of a cluster only kinds that policies are about or look up are read: those in the version that the cluster prefers,
//     as Gatekeeper's audit does, these in the version that the policy names. With a namespace, a namespaced kind that
//     some policy looks up is still read everywhere, since what decides may be elsewhere; others are read in it alone.
//     Cluster-scoped objects are judged in either case, of the Namespaces only that one.
//   - A kind that a cluster does not serve is counted. One that it serves and does not show is a problem (exit code 2)
//     that names the policies it blinds; with a namespace, what belongs to it is read then, if that is allowed.
//   - Of Secrets, metadata alone is read, and only for a policy that names them. What else may be a secret is hidden as
//     soon as an object of a cluster is read, in a live run too: policies see what a snapshot would hold, and a report has
//     nothing else to show. The cases of all policies are asked again without it.
//   - A snapshot is a cluster of which the answers were written down, refusals included. Judging it is a live run with
//     another reader, and without a namespace judges all that it holds. What other tools have written (kubectl get) says
//     nothing of what it leaves out: kinds that are not in it count as not served, and policies doubt.
//   - A snapshot as base is the cluster before the change. It holds far more than the manifests manage, so that what
//     they do not have is not gone: deleted is what carries the mark of a Helm release, an Argo CD application or a Flux
//     kustomization to which something in the manifests belongs too, and has no owner. Manifests must then be all that
//     the release or application consists of. The rest is as with a live cluster and no base.
//   - Manifests over a cluster keep what the API server would keep: status, uid, resourceVersion, a deletion under way.
//     Other fields that they leave out are gone, also where apply would leave them to their owner. Live objects in no
//     manifest are the world and not judged: a run over the cluster itself does that. Nothing is taken to be deleted
//     unless base has it and head does not. What base and the cluster both have is asked about from either side.
//   - A library function may name an index in METADATA (custom.index): guard builds the index once a world and answers
//     from it, while Gatekeeper, which would build it anew for every request, runs the function.
//   - Gatekeeper's webhook gets exactly the requests that the policies' METADATA makes necessary, and fails closed on
//     them; match conditions keep from it what must go on without it (gatekeeper/webhook.go).
//   - Gatekeeper's inventory differs from guard's world in two ways: what is being deleted is not in it, and a kind whose
//     last object is gone stays in it as an empty set. Policies count objects and do not ask whether a kind is there.
//   - A chart is rendered with Helm's packages but without its actions, so that no client of a cluster or a registry has a say.
//     A link that leads out of a chart, a schema at a URL, a values file at a URL are not followed: a pull request must
//     not read what the runner can read.
//   - A rendered line has a place in a template only where a second render, with marks in the templates, proves it.
//   - Doubt about a state is reported and does not fail the run; doubt about a change does.
package engine
