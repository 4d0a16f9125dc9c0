package main

import (
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the linker of a release.
var version = ""

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "guard",
		Short: "Find what can lose data in Kubernetes manifests",
		Long: "guard asks data-protection policies about Kubernetes manifests, as they stand or as a change of what was\n" +
			"there before. The same policies run in Gatekeeper.",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	cmd.AddCommand(
		evalCommand(), configCommand(), snapshotCommand(), listCommand(), explainCommand(), bundleCommand(), doctorCommand(),
		versionCommand(),
	)
	return cmd
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print guard's version and the OPA it evaluates with",
		Example: "  guard version",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			opa := "unknown"
			if info, ok := debug.ReadBuildInfo(); ok {
				for _, dep := range info.Deps {
					if dep.Path == "github.com/open-policy-agent/opa" {
						opa = dep.Version
					}
				}
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "guard %s (OPA %s)\n", ownVersion(), opa)
			return err
		},
	}
}

// ownVersion is that of the release, or what Go knows of the build.
func ownVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && version == "" {
		return info.Main.Version
	}
	return version
}
