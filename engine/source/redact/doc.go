// Package redact takes out of an object of a cluster what may be a secret, before anybody keeps, judges or prints it. It
// is a pure function: what is left of an object depends on the object and the Redactor alone.
//
// Where Kubernetes knows what a field is, only what policies may need is kept:
//
//   - Of a Secret: its type and metadata. Of a ConfigMap: metadata and the names of its keys; of Helm's releases not
//     even these. The same holds for objects inside of others: items of a List, manifests in a custom resource.
//   - managedFields, the schemas of CustomResourceDefinitions and the annotations in which kubectl and others keep a
//     copy of the object are dropped.
//   - Annotations, wherever a map is called so: those of the domains in annotations.go, which say how storage, GitOps and
//     guard treat the object. Of others the key.
//   - Environment variables and all other pairs of name and value: the name, and the value of variables that name a data
//     directory.
//   - Commands, arguments and scripts: the programs, options and paths by which policies tell a server from a client and
//     find its data (words.go); every other word becomes "redacted".
//   - Attributes of volumes, parameters of StorageClasses and of their kin: those in attributes.go.
//   - Maps called data, binaryData, stringData (such as the copy of a pod template in a ControllerRevision), and Helm
//     values: the keys.
//
// Everywhere else, and custom resources are the reason, a field is hidden by its name (password, token, credentials,
// connectionString, ...: names.go), of which references to Secrets are left; or by its text (text.go): several lines,
// keys and certificates, user and password in a URL, an assignment to a name of that sort, and what is longer than a name
// or a path ever is. Messages of conditions and events are free text, and hidden. Labels are kept: they select, and who
// may see an object's metadata sees them.
//
// What is hidden becomes "hmac:" with a keyed hash of it, so that two equal values stay equal. The key is random, one a
// Redactor, and nobody keeps it: who has the hash cannot try words on it.
package redact
