// Package snapshot keeps a recorded cluster in a file, and takes for one what other tools have written: what kubectl get
// prints as JSON or YAML, and folders of that, such as those of kubectl cluster-info dump and of support bundles.
//
// A file is three Zstandard frames, so that zstd -dc shows its text:
//
//   - a skippable frame with the name and version of the format;
//   - a frame of JSON lines: a header (who took it, when, of which context, which kinds were read, how many objects each
//     has, which could not be read and why), the objects in the order of the kinds, and a line that says how many they are;
//   - a skippable frame with that number and the SHA-256 of all bytes before it.
//
// Bytes are compared with what a writer would have written: one that is missing, changed or too many is refused, and
// nothing of such a file is used. How much a file may unpack to is bounded.
//
// No file holds the address of an API server, nor a value that may be a secret: objects are recorded without (package
// redact), and what other tools have written loses them while it is read.
package snapshot
