"""What is built for the design of a REST API on EKS: one file a concern, in AWS and in the cluster."""
