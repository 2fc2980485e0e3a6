queue: ${queue}
service:
  annotations:
    service.beta.kubernetes.io/aws-load-balancer-scheme: "internal"
