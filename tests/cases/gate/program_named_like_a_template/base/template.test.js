describe("it", () => {})
