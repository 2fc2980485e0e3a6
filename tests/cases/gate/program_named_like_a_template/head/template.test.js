describe("it", () => { x = {a: [1; 2] } })
