Resources:
  Orders:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      Handler: app.run
      Code: {ZipFile: "pass"}
      Role: arn:aws:iam::111122223333:role/orders
  Url:
    Type: AWS::Lambda::Url
    Properties:
      AuthType: NONE
      TargetFunctionArn: !Ref Orders
  Permission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunctionUrl
      FunctionName: !Ref Orders
      Principal: "*"
      FunctionUrlAuthType: NONE
