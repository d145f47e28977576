export { loadDotenv } from "./load-dotenv.ts";
export { hideSecrets, Redactor } from "./redactor.ts";
