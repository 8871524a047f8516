import { absent } from "./nowhere";
const x: number = ;
