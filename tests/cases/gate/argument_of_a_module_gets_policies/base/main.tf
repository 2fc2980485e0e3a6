module "cluster" {
  source       = "acme/eks/aws"
  version      = "20.1.0"
  cluster_name = "shop"
  eks_managed_node_groups = {
    main = {
      instance_types = ["m7g.large"]
      min_size       = 2
      tags           = { team = "shop" }
    }
  }
}
