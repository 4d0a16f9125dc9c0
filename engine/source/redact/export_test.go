package redact

// The tables, for the test that holds them to the Rego.
var (
	DirectoryVariables = directoryVariables
	DirectoryOptions   = directoryOptions
	Programs           = programs
	ShellWords         = shellWords
	Signs              = signs
)
