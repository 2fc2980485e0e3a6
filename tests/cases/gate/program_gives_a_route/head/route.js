module.exports = {path: 'a', method: 'post'};
