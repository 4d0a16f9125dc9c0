package lib.keeping_test

import data.lib.keeping

_annotated(key, value) := {"metadata": {"annotations": {key: value}}}

test_helm_compares_exactly if {
	keeping.helm(_annotated(keeping.helm_key, "keep"))
	not keeping.helm(_annotated(keeping.helm_key, "Keep"))
	not keeping.helm({"metadata": {}})
}

test_argo_cd_reads_a_list_of_options if {
	keeping.argo_prune(_annotated(keeping.argo_key, "Delete=false, Prune=confirm"))
	keeping.argo_prune(_annotated(keeping.argo_key, "Prune=false"))
	not keeping.argo_prune(_annotated(keeping.argo_key, "Delete=false,Prune=true,Force"))
	keeping.argo_delete(_annotated(keeping.argo_key, "Prune=true,Delete=confirm"))
	not keeping.argo_delete(_annotated(keeping.argo_key, "Prune=false"))
	not keeping.argo_delete({"metadata": {"annotations": {keeping.argo_key: null}}})
}

test_flux_reads_labels_and_annotations if {
	keeping.flux(_annotated(keeping.flux_key, "disabled"))
	keeping.flux({"metadata": {"labels": {keeping.flux_key: "disabled"}}})
	not keeping.flux(_annotated(keeping.flux_key, "enabled"))
}

test_each_of_them_keeps_what_is_no_longer_in_the_manifests if {
	keeping.survives_removal(_annotated(keeping.helm_key, "keep"))
	keeping.survives_removal(_annotated(keeping.argo_key, "Prune=false"))
	keeping.survives_removal(_annotated(keeping.flux_key, "disabled"))
	not keeping.survives_removal(_annotated(keeping.argo_key, "Delete=false"))
	not keeping.survives_removal({"metadata": {}})
}
