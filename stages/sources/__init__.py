"""Where documents come from: manifests, local files, the web and Git repositories."""
