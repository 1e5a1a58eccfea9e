"""What is built for the design of a REST API on AKS: one file a concern, in Azure and in the cluster."""
