Resources:
  Q: {Type: AWS::SQS::Queue
