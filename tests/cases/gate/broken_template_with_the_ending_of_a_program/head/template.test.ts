Resources:
  Jobs:
    Type: AWS::SQS::Queue
    Properties: {Tags: [{Key: a, Value: "b}]}
