module.exports = ["serverless-offline"]
