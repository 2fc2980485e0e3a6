module.exports = {run: {handler: 'a.run'}};
