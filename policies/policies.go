// Package policies embeds guard's policies and their libraries.
package policies

import "embed"

// FS holds <category>/<id>/policy.rego with its cases, and lib/<name>/<name>.rego.
//
//go:embed */*/*.rego */*/cases/*.txtar
var FS embed.FS
