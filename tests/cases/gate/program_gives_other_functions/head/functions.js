module.exports = {run: {handler: 'a.run', url: true}};
