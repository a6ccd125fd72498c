import '../../src/lifecycle/promise-with-resolvers.ts'
