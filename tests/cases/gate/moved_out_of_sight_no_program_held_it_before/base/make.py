import textwrap

TEXT = '''
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      KmsMasterKeyId: alias/orders
  Url:
    Type: AWS::Lambda::Url
    Properties:
      AuthType: AWS_IAM
      TargetFunctionArn: arn:aws:lambda:eu-west-1:123456789012:function:orders
'''

print(textwrap.dedent(TEXT))
