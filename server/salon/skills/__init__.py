"""What agents can be given: tools that are ready to use, and bundles of tools, hooks and prompts."""
